/** The version that Prefect's logs see in `User-Agent`; a test holds it to `package.json`. */
export const VERSION = '0.1.0';
