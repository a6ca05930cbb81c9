/** Which packages a build ships, and the texts of their licences. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';

/** @import { Plugin } from 'vite' */

/** Code that the tools themselves put into a build. */
const TOOLS = { '\0vite/': 'vite', '\0rolldown/': 'rolldown' };

/**
 * The folder of the package that a module belongs to; undefined for the project's own.
 * @param {string} id @param {string} root
 */
function packageOf(id, root) {
  for (const [prefix, name] of Object.entries(TOOLS))
    if (id.startsWith(prefix)) return join(root, 'node_modules', name);
  const file = id.replace(/^\0/, '').split('?')[0].split(sep).join('/');
  const at = file.lastIndexOf('/node_modules/');
  if (at < 0) return undefined;
  const [first, second] = file.slice(at + '/node_modules/'.length).split('/');
  return file.slice(0, at + '/node_modules/'.length) + (first.startsWith('@') ? `${first}/${second}` : first);
}

/** Modules of which anything is left in a chunk. @param {import('vite').Rollup.OutputChunk} chunk */
const codeOf = ({ modules }) => Object.keys(modules).filter((id) => modules[id].renderedLength > 0);

/**
 * The licence of a package, as it ships it. Throws where it has none: then it may not be shipped.
 * @param {string} folder
 */
function licenceOf(folder) {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)\b/i.test(file));
  if (files.length === 0) {
    // The words of ISC and MIT are the same for everybody; who grants it stands in the package.
    const by = typeof author === 'string' ? author : (author?.name ?? '');
    if (license !== 'MIT' || by === '') throw new Error(`${name} has no licence text: it cannot be shipped`);
    return { name, version, license, text: `Copyright (c) ${by}\n\n${mit()}` };
  }
  const text = files
    .map((file) => readFileSync(join(folder, file), 'utf8').trim())
    .join('\n\n')
    // What a tool carries inside itself is not shipped with the few lines that it puts into a build.
    .replace(/^# Licenses of bundled dependencies[\s\S]*$/m, '')
    .trim();
  return { name, version, license: String(license ?? 'see below'), text };
}

/** The MIT licence without its line of copyright: the project's own. */
const mit = () => readFileSync('LICENSE', 'utf8').replace(/^[\s\S]*?(?=Permission is hereby granted)/, '');

/** @param {string} title */
const heading = (title) => `${'='.repeat(80)}\n${title}\n${'='.repeat(80)}\n\n`;

/**
 * Collects what the page's build and its worker's ship, and emits the texts of all licences as `licences.txt`; the build to
 * one file gets them into its page, as a template that is never shown by itself.
 * @param {{ single: boolean }} options
 * @returns {{ page: Plugin, worker: () => Plugin }}
 */
export function licences({ single }) {
  /** @type {Set<string>} */
  const folders = new Set();
  let root = '';

  /** @param {import('vite').Rollup.OutputBundle} bundle */
  function collect(bundle) {
    for (const part of Object.values(bundle)) {
      const ids = part.type === 'chunk' ? codeOf(part) : part.originalFileNames.map((name) => join(root, name));
      for (const id of ids) {
        const folder = packageOf(id, root);
        if (folder !== undefined && existsSync(join(folder, 'package.json'))) folders.add(folder);
      }
    }
  }

  function text() {
    const packages = [...folders].map(licenceOf).sort((a, b) => a.name.localeCompare(b.name, 'en'));
    const list = packages.map(({ name, version, license }) => `  ${name} ${version} (${license})`).join('\n');
    return (
      `mmscope, and everything that is shipped with it:\n\n${list}\n\n` +
      heading('mmscope') +
      `${readFileSync('LICENSE', 'utf8').trim()}\n\n` +
      packages.map(({ name, version, text: said }) => `${heading(`${name} ${version}`)}${said}\n`).join('\n')
    );
  }

  return {
    page: {
      name: 'mmscope:licences',
      apply: 'build',
      configResolved: (config) => void ({ root } = config),
      // What a stylesheet brings along may end as a part of it, and is then no file of the build.
      transform: {
        order: 'pre',
        filter: { id: /\.css(?:$|\?)/ },
        handler(code) {
          for (const [, name] of code.matchAll(/url\(\s*['"]?((?:@[\w-]+\/)?[\w-]+)\//g)) {
            const folder = join(root, 'node_modules', name);
            if (existsSync(join(folder, 'package.json'))) folders.add(folder);
          }
        },
      },
      transformIndexHtml: {
        order: 'post',
        handler(html, { bundle = {} }) {
          if (!single) return html;
          collect(bundle);
          return html.replace('</body>', () => `<template id="licences">${escaped(text())}</template></body>`);
        },
      },
      generateBundle: {
        // Before the service worker lists what there is.
        order: 'pre',
        handler(_options, bundle) {
          collect(bundle);
          if (!single) this.emitFile({ type: 'asset', fileName: 'licences.txt', source: text() });
        },
      },
    },
    worker: () => ({
      name: 'mmscope:licences-of-worker',
      apply: 'build',
      configResolved: (config) => void ({ root } = config),
      generateBundle: (_options, bundle) => collect(bundle),
    }),
  };
}

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? sign);
