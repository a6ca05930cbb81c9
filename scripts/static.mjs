import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';

/** @type {Record<string, string>} */
const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.mm': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
};

/**
 * Serves a folder on localhost as any static host would, below `path` (which begins and ends with a slash).
 * @param {{ root: string, path?: string }} options
 */
export function staticServer({ root, path = '/' }) {
  const base = resolve(root);
  return createServer((request, response) => {
    void answer(request, response).catch(() => response.writeHead(500).end());
  });

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  async function answer(request, response) {
    const headers = { 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' };
    let name;
    try {
      name = decodeURIComponent((request.url ?? '/').split('?')[0]);
    } catch {
      return response.writeHead(400, headers).end();
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return response.writeHead(405, headers).end();
    if (!name.startsWith(path) || name.includes('\0')) return response.writeHead(404, headers).end();
    name = name.slice(path.length);
    const file = join(base, name === '' || name.endsWith('/') ? `${name}index.html` : name);
    const found = file.startsWith(base + sep) && (await stat(file).catch(() => undefined));
    if (!found || !found.isFile()) return response.writeHead(404, headers).end('Not found');
    response.writeHead(200, {
      ...headers,
      'content-type': types[extname(file)] ?? 'application/octet-stream',
      'content-length': found.size,
    });
    if (request.method === 'HEAD') return response.end();
    return createReadStream(file).pipe(response);
  }
}

/**
 * Listens on localhost; resolves to the port. Port 0 is any free one.
 * @param {import('node:http').Server} server @param {number} port
 * @returns {Promise<number>}
 */
export function listen(server, port) {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, 'localhost', () => {
      server.removeListener('error', fail);
      const address = server.address();
      done(typeof address === 'object' && address ? address.port : port);
    });
  });
}
