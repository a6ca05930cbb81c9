import { expect, test } from 'vitest';
import '../../src/app/fonts.css';

test.each([
  '400 16px "IBM Plex Sans"',
  '600 16px "IBM Plex Sans"',
  '400 16px "IBM Plex Mono"',
  '600 16px "IBM Plex Mono"',
])('%s comes from the page itself', async (font) => {
  const faces = await document.fonts.load(font);
  expect(faces.map((face) => face.status)).toEqual(['loaded']);
});
