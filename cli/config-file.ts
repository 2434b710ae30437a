/** Read the text of a configuration file. */
import { readFileSync } from 'node:fs';

export type ConfigFileResult =
  | { readonly ok: true; readonly text: string }
  /** `message` names the file and the reason why it cannot be read. */
  | { readonly ok: false; readonly message: string };

export function readConfigFile(path: string): ConfigFileResult {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    return { ok: false, message: `Cannot read ${path}: ${reasonOf(error)}` };
  }
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { ok: false, message: `Cannot read ${path}: it is not UTF-8 text; save it as UTF-8` };
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'the file does not exist; pass the configuration file as an argument';
  if (code === 'EISDIR') return 'it is a folder; pass the configuration file in it';
  return error instanceof Error ? error.message : String(error);
}
