import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';

/** @import { Plugin } from 'vite' */

const never = "object-src 'none'; base-uri 'none'; form-action 'none'";

/** @param {string} policy */
const policyTag = (policy) => `<meta http-equiv="Content-Security-Policy" content="${policy}">`;

/** @param {string} html @param {string} policy */
const withPolicy = (html, policy) => html.replace(/<head>/, `<head>${policyTag(policy)}`);

/**
 * The built site may load from its own origin only, and run no inline script or style.
 * (`frame-ancestors` has no effect in a meta tag; being embedded in a course page is wanted anyway.)
 * @returns {Plugin}
 */
export function siteContentSecurityPolicy() {
  const policy =
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
    `connect-src 'self'; worker-src 'self'; ${never}`;
  return {
    name: 'mmscope:csp',
    apply: 'build',
    transformIndexHtml: { order: 'post', handler: (html) => withPolicy(html, policy) },
  };
}

/**
 * The one-file build carries its script and style inside: each is allowed by its hash, and nothing is ever fetched.
 * @returns {Plugin}
 */
export function hashedContentSecurityPolicy() {
  return {
    name: 'mmscope:csp-hashes',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const file of Object.values(bundle)) {
          if (file.type !== 'asset' || !file.fileName.endsWith('.html')) continue;
          const html = String(file.source);
          const script = /<script[^>]*>([\s\S]*?)<\/script>/g;
          const scripts = hashes(html, script);
          // A script may hold the text of a style element: that is no style of the page.
          const styles = hashes(html.replace(script, ''), /<style[^>]*>([\s\S]*?)<\/style>/g);
          file.source = withPolicy(
            html,
            `default-src 'none'; script-src ${scripts}; style-src ${styles}; img-src data: blob:; font-src data:; ` +
              `worker-src blob:; ${never}`,
          );
        }
      },
    },
  };
}

/** @param {string} html @param {RegExp} element */
function hashes(html, element) {
  const found = [...html.matchAll(element)].map(
    ([, text]) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  );
  return found.length ? found.join(' ') : "'none'";
}

/**
 * `import X from './x?worker'` becomes `?worker&inline`: a page from `file://` may not load a worker's script.
 * @returns {Plugin}
 */
export function inlineWorkers() {
  return {
    name: 'mmscope:inline-workers',
    apply: 'build',
    enforce: 'pre',
    resolveId(source, importer) {
      if (!source.endsWith('?worker')) return null;
      return this.resolve(`${source}&inline`, importer, { skipSelf: true });
    },
  };
}

/**
 * Emits `sw.js`, which keeps every emitted file under a name made from all their contents. Pages come from the network
 * while there is one, so a new version shows at the next load; files, whose names carry their hashes, from the cache.
 * A new worker takes over only when no page of the old version is left, so no page ever sees files of two versions; until
 * then a page that came from the network is a newer version than the worker, and finds its files where the next one keeps them.
 * @returns {Plugin}
 */
export function serviceWorker() {
  let publicDir = '';
  return {
    name: 'mmscope:service-worker',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      publicDir = config.publicDir;
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const version = createHash('sha256');
        const files = [];
        for (const name of Object.keys(bundle).sort()) {
          if (name.endsWith('.map')) continue;
          const file = bundle[name];
          version.update(name).update(file.type === 'chunk' ? file.code : file.source);
          files.push(name === 'index.html' ? './' : name);
        }
        for (const name of filesBelow(publicDir)) {
          version.update(name).update(readFileSync(join(publicDir, name)));
          files.push(name);
        }
        this.emitFile({
          type: 'asset',
          fileName: 'sw.js',
          source: serviceWorkerSource(files, version.digest('hex').slice(0, 12)),
        });
      },
    },
  };
}

/** @param {string} folder */
function filesBelow(folder) {
  if (!folder || !existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => name.split(sep).join('/'))
    .sort();
}

/** @param {string[]} files @param {string} version */
const serviceWorkerSource = (
  files,
  version,
) => `const own = 'mmscope ' + registration.scope + ' ', name = own + '${version}';
const files = ${JSON.stringify(files)};
oninstall = (e) => e.waitUntil(caches.open(name).then((c) => c.addAll(files.map((f) => new Request(f, { cache: 'no-cache' })))));
onactivate = (e) => e.waitUntil(caches.keys()
  .then((all) => Promise.all(all.map((k) => k.startsWith(own) && k !== name && caches.delete(k))))
  .then(() => clients.claim()));
onfetch = (e) => {
  const r = e.request;
  if (r.method !== 'GET' || !r.url.startsWith(registration.scope)) return;
  const kept = async (k) => {
    const all = (await caches.keys()).filter((n) => n.startsWith(own));
    for (const n of [name, ...all]) {
      const hit = await (await caches.open(n)).match(k);
      if (hit) return hit;
    }
  };
  e.respondWith(r.mode === 'navigate'
    ? fetch(r).catch(async () => (await kept('./')) || Response.error())
    : kept(r).then((hit) => hit || fetch(r)));
};
`;

const designFile = /\/src\/engine\/designs\/([\w-]+\.ts)$/;

/**
 * Two things that the page needs of the designs' files. What `__LINE__` is in C: every step that a design takes with its probe
 * knows the line it is written on, so that the page can light that line (types stay as written, for `at` returns the probe).
 * And `FILE?about`: what the file tells of its design, without the engine that the rest of it stands on.
 * @returns {Plugin}
 */
export function designSources() {
  return {
    name: 'mmscope:design-sources',
    enforce: 'pre',
    load(id) {
      if (!id.endsWith('?about')) return null;
      const text = readFileSync(id.slice(0, -'?about'.length), 'utf8');
      const about = /^export const about: About = (\{[\s\S]*?^\});$/m.exec(text)?.[1];
      if (about === undefined) this.error(`${id} tells nothing of its design`);
      return { code: `export const about = ${about};`, map: null, moduleType: 'js' };
    },
    transform(code, id) {
      const file = designFile.exec(id)?.[1];
      if (file === undefined) return null;
      return code
        .split('\n')
        .map((line, i) => line.replace(/\bprobe\.(?=\w+\()/g, `probe.at('${file}:${i + 1}').`))
        .join('\n');
    },
  };
}
