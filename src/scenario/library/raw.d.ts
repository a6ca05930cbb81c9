/** Vite gives a file's text. */
declare module '*.mm?raw' {
  const text: string;
  export default text;
}
