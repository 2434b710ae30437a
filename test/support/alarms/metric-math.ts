/**
 * The part of CloudWatch's metric math that the alarms use: `SUM(METRICS())`, and `IF` with comparisons and AND, OR.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */

/** By the id of the metric; undefined in a period without datapoints. */
export type MetricValues = Readonly<Record<string, number | undefined>>;

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z]\w*)|(>=|<=|==|!=|[<>(),]))/y;

const COMPARISONS: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '>=': (left, right) => left >= right,
  '<=': (left, right) => left <= right,
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '>': (left, right) => left > right,
  '<': (left, right) => left < right,
};

/** @returns undefined if a metric that the expression compares has no datapoint: nothing compares with it */
export function evaluateMetricMath(expression: string, values: MetricValues): number | undefined {
  if (/^SUM\(METRICS\(\)\)$/.test(expression)) {
    const present = Object.values(values).filter((value) => value !== undefined);
    return present.length === 0 ? undefined : present.reduce((sum, value) => sum + value, 0);
  }
  const parser = new Parser(tokensOf(expression), values);
  const result = parser.either();
  parser.expectEnd();
  return result;
}

function tokensOf(expression: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.length) {
    const match = TOKEN.exec(expression);
    if (match === null) throw new Error(`These tests do not support the metric math ${expression}.`);
    tokens.push(match[0].trim());
  }
  return tokens;
}

class Parser {
  readonly #tokens: readonly string[];
  readonly #values: MetricValues;
  #next = 0;

  constructor(tokens: readonly string[], values: MetricValues) {
    this.#tokens = tokens;
    this.#values = values;
  }

  either(): number | undefined {
    return this.#chain('OR', () => this.#both());
  }

  expectEnd(): void {
    if (this.#next < this.#tokens.length) this.#fail();
  }

  #both(): number | undefined {
    return this.#chain('AND', () => this.#comparison());
  }

  #chain(operator: 'AND' | 'OR', operand: () => number | undefined): number | undefined {
    let left = operand();
    while (this.#take(operator)) {
      const right = operand();
      const isTrue = operator === 'AND' ? left !== 0 && right !== 0 : left !== 0 || right !== 0;
      left = left === undefined || right === undefined ? undefined : Number(isTrue);
    }
    return left;
  }

  #comparison(): number | undefined {
    const left = this.#operand();
    const compare = COMPARISONS[this.#tokens[this.#next] ?? ''];
    if (compare === undefined) return left;
    this.#next++;
    const right = this.#operand();
    return left === undefined || right === undefined ? undefined : Number(compare(left, right));
  }

  #operand(): number | undefined {
    const token = this.#tokens[this.#next++] ?? '';
    if (/^\d/.test(token)) return Number(token);
    if (token === 'IF') return this.#condition();
    if (token === '(') {
      const inner = this.either();
      this.#expect(')');
      return inner;
    }
    if (!Object.hasOwn(this.#values, token)) this.#fail();
    return this.#values[token];
  }

  #condition(): number | undefined {
    this.#expect('(');
    const condition = this.either();
    this.#expect(',');
    const whenTrue = this.either();
    this.#expect(',');
    const whenFalse = this.either();
    this.#expect(')');
    if (condition === undefined) return undefined;
    return condition === 0 ? whenFalse : whenTrue;
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#next] !== token) return false;
    this.#next++;
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token)) this.#fail();
  }

  #fail(): never {
    throw new Error(`These tests do not support the metric math ${this.#tokens.join(' ')}.`);
  }
}
