/** Pictures as files of their own: SVG with its colours and letters inside, and PNG made of that. */
import type { Pictures } from '../../history/picture';
import { create as createAddressSpace } from '../../views/address-space';
import { create as createFrames } from '../../views/frames';
import { create as createPageTables } from '../../views/page-tables';
import { create as createPool } from '../../views/pool';
import type { View, ViewHandlers } from '../../views/view';

export const PICTURE_NAMES = ['address-space', 'page-tables', 'pool', 'frames'] as const;
export type PictureName = (typeof PICTURE_NAMES)[number];

/** What each picture is called, and CSS pixels that it is drawn into. */
export const PICTURE_KINDS: Readonly<Record<PictureName, { title: string; width: number; height: number }>> = {
  'address-space': { title: 'Address space', width: 520, height: 640 },
  'page-tables': { title: 'Page tables', width: 900, height: 560 },
  pool: { title: 'Huge-page pool', width: 420, height: 360 },
  frames: { title: 'Frames', width: 420, height: 480 },
};

const QUIET: ViewHandlers = { point() {}, select() {}, menu() {}, toggle() {} };

interface Shown {
  update(width: number, height: number): void;
  destroy(): void;
}

/** Puts one of the pictures into an element; null where there is none. */
export function showPicture(element: HTMLElement, name: PictureName, pictures: Pictures): Shown | null {
  const show = <P>(make: (element: HTMLElement, handlers: ViewHandlers) => View<P>, picture: P | undefined) => {
    if (picture === undefined) return null;
    const view = make(element, QUIET);
    const none: ReadonlySet<string> = new Set();
    return {
      update: (width: number, height: number) =>
        view.update(picture, { width, height, duration: 0, scale: 1, hovered: none, selected: none }),
      destroy: () => view.destroy(),
    };
  };
  switch (name) {
    case 'address-space':
      return show(createAddressSpace, pictures.areas);
    case 'page-tables':
      return show(createPageTables, pictures.tree);
    case 'pool':
      return show(createPool, pictures.pool);
    case 'frames':
      return show(createFrames, pictures.frames);
  }
}

/** The picture as an SVG file that needs nothing else. Null where there is nothing to draw. */
export async function pictureSvg(name: PictureName, pictures: Pictures): Promise<string | null> {
  const { title, width, height } = PICTURE_KINDS[name];
  const host = document.createElement('div');
  host.setAttribute('aria-hidden', 'true');
  Object.assign(host.style, { position: 'fixed', left: '-10000px', top: '0', width: `${width}px` });
  document.body.append(host);
  const view = showPicture(host, name, pictures);
  try {
    view?.update(width, height);
    const svg = host.querySelector('svg');
    return svg === null ? null : await standAlone(svg, host.querySelector('canvas'), title);
  } finally {
    view?.destroy();
    host.remove();
  }
}

const SVG = 'http://www.w3.org/2000/svg';
const MARK = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linecap', 'opacity'] as const;
const TEXT = ['fill', 'opacity', 'font-family', 'font-weight', 'font-size', 'text-anchor'] as const;
/** What a drawing has where nothing is said. */
const USUAL: Readonly<Record<string, string>> = {
  opacity: '1',
  stroke: 'none',
  'stroke-dasharray': 'none',
  'stroke-linecap': 'butt',
  'text-anchor': 'start',
};

/** A copy with every colour and size as an attribute, and the letters that it needs inside. */
async function standAlone(svg: SVGSVGElement, canvas: HTMLCanvasElement | null, title: string): Promise<string> {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = [...svg.querySelectorAll<SVGElement>('*')];
  const copies = [...copy.querySelectorAll<SVGElement>('*')];
  const faces = new Set<string>();
  originals.forEach((original, i) => {
    const style = getComputedStyle(original);
    const text = original.tagName === 'text';
    if (['g', 'defs', 'desc', 'title', 'pattern'].includes(original.tagName)) copies[i].removeAttribute('class');
    else dress(copies[i], original, style, text ? TEXT : MARK);
    if (text) faces.add(`${style.fontWeight} ${firstFamily(style.fontFamily)}`);
  });
  const width = Number(svg.getAttribute('width'));
  const height = Number(svg.getAttribute('height'));
  const ground = document.createElementNS(SVG, 'rect');
  ground.setAttribute('width', '100%');
  ground.setAttribute('height', '100%');
  ground.setAttribute('fill', getComputedStyle(document.documentElement).getPropertyValue('--bg').trim() || '#ffffff');
  const dense = canvas !== null && canvas.width > 0 && getComputedStyle(canvas).display !== 'none';
  copy.prepend(ground, ...(dense ? [imageOf(canvas, width, height)] : []));
  const heading = document.createElementNS(SVG, 'title');
  heading.textContent = `${title}. ${svg.getAttribute('aria-label') ?? ''}`;
  const letters = document.createElementNS(SVG, 'style');
  letters.textContent = await fontFaces(faces);
  copy.prepend(heading, letters);
  copy.setAttribute('xmlns', SVG);
  for (const name of ['class', 'style', 'aria-describedby']) copy.removeAttribute(name);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`;
}

function dress(copy: SVGElement, original: SVGElement, style: CSSStyleDeclaration, names: readonly string[]): void {
  for (const name of names) {
    const value = style.getPropertyValue(name).replace(/url\("(#[^"]+)"\)/, 'url($1)');
    if (value === USUAL[name] || value === '') copy.removeAttribute(name);
    else copy.setAttribute(name, value.replaceAll('"', "'"));
  }
  if (style.textDecorationLine !== 'none') copy.setAttribute('text-decoration', style.textDecorationLine);
  if (style.transform !== 'none' && original instanceof SVGGraphicsElement) {
    const box = original.getBBox();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    copy.setAttribute('transform', `translate(${x} ${y}) ${style.transform} translate(${-x} ${-y})`);
  }
  copy.removeAttribute('class');
  copy.removeAttribute('style');
  for (const name of copy.getAttributeNames()) if (name.startsWith('data-')) copy.removeAttribute(name);
}

function imageOf(canvas: HTMLCanvasElement, width: number, height: number): SVGImageElement {
  const image = document.createElementNS(SVG, 'image');
  image.setAttribute('width', String(width));
  image.setAttribute('height', String(height));
  image.setAttribute('href', canvas.toDataURL('image/png'));
  return image;
}

const firstFamily = (list: string): string => (list.split(',')[0] ?? '').replace(/["']/g, '').trim();

/** The page's own font files as rules that carry them. A face that cannot be read is left to the reader's system. */
async function fontFaces(faces: ReadonlySet<string>): Promise<string> {
  const rules = [...document.styleSheets].flatMap((sheet) => {
    try {
      return [...sheet.cssRules].filter((rule): rule is CSSFontFaceRule => rule instanceof CSSFontFaceRule);
    } catch {
      return [];
    }
  });
  const made = await Promise.all(
    rules.map(async (rule) => {
      const family = firstFamily(rule.style.getPropertyValue('font-family'));
      const weight = rule.style.getPropertyValue('font-weight') || '400';
      if (!faces.has(`${weight} ${family}`)) return '';
      const source = /url\("?([^"()]+)"?\)/.exec(rule.style.getPropertyValue('src'))?.[1] ?? '';
      const data = await asData(source, rule.parentStyleSheet?.href ?? location.href);
      return data === ''
        ? ''
        : `@font-face{font-family:'${family}';font-weight:${weight};src:url(${data}) format('woff2')}`;
    }),
  );
  return made.join('');
}

async function asData(source: string, base: string): Promise<string> {
  if (source.startsWith('data:')) return source;
  try {
    const bytes = new Uint8Array(await (await fetch(new URL(source, base))).arrayBuffer());
    let text = '';
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return `data:font/woff2;base64,${btoa(text)}`;
  } catch {
    return '';
  }
}

/** The SVG file as pixels, two for each of its own. */
export async function pngOf(svg: string): Promise<Blob | null> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.naturalWidth * 2;
    canvas.height = image.naturalHeight * 2;
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
  } finally {
    URL.revokeObjectURL(url);
  }
}
