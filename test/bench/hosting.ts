/**
 * The files of docs/hosting in real servers: `npm run build && npm run -s bench -- hosting`. An nginx and an Apache are started
 * with them where they are installed, and asked for every kind of file.
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const HOSTING = resolve('docs/hosting');
const LONG = 'public, max-age=31536000, immutable';

/** What every answer must carry. */
const ALWAYS: Readonly<Record<string, string>> = {
  'content-security-policy': "frame-ancestors 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}

const programs: Readonly<Record<string, readonly string[]>> = {
  nginx: ['/usr/sbin/nginx', '/usr/bin/nginx'],
  Apache: ['/usr/sbin/apache2', '/usr/sbin/httpd'],
};

function configOf(server: string, folder: string, root: string, port: number): string {
  if (server === 'nginx')
    return `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; events {}
http {
  include /etc/nginx/mime.types;
  access_log off;
  server { listen ${port}; root ${root}; index index.html;
${readFileSync(join(HOSTING, 'nginx.conf'), 'utf8')}
  }
}
`;
  cpSync(join(HOSTING, 'htaccess'), join(root, '.htaccess'));
  const modules = ['/usr/lib/apache2/modules', '/usr/lib64/httpd/modules'].find(existsSync) ?? '';
  const wanted = ['mpm_event', 'authz_core', 'dir', 'mime', 'headers'];
  return `${wanted.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join('\n')}
ServerName localhost
Listen ${port}
User nobody
Group nogroup
PidFile ${folder}/pid
DefaultRuntimeDir ${folder}
ErrorLog ${folder}/error.log
TypesConfig /etc/mime.types
DirectoryIndex index.html
DocumentRoot ${root}
<Directory ${root}>
  AllowOverride FileInfo
  Require all granted
</Directory>
`;
}

async function tryServer(server: string, program: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hosting-'));
  const root = join(folder, 'site/courses');
  cpSync('dist', root, { recursive: true });
  writeFileSync(join(root, 'lesson.mm'), 'pool(1)\n');
  const port = await freePort();
  const config = join(folder, 'server.conf');
  writeFileSync(config, configOf(server, folder, server === 'nginx' ? join(folder, 'site') : root, port));
  await new Promise<void>((done) => spawn('chmod', ['-R', 'a+rX', folder]).on('close', () => done()));
  const args = server === 'nginx' ? ['-c', config] : ['-f', config, '-DFOREGROUND'];
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = new Promise<void>((done) => child.on('close', () => done()));
  const at = `http://localhost:${port}/${server === 'nginx' ? 'courses/' : ''}`;
  const wrong: string[] = [];
  try {
    for (let i = 0; i < 50; i++) {
      try {
        await fetch(at);
        break;
      } catch {
        await new Promise((done) => setTimeout(done, 100));
      }
    }
    const assets = readdirSync(join(root, 'assets'));
    const ending = (end: string) => `assets/${assets.find((name) => name.endsWith(end))}`;
    const files: readonly (readonly [string, RegExp, boolean])[] = [
      ['', /^text\/html/, false],
      ['index.html', /^text\/html/, false],
      ['mmscope.html', /^text\/html/, false],
      ['sw.js', /javascript/, false],
      ['licences.txt', /^text\/plain/, false],
      ['lesson.mm', /^text\/plain/, false],
      [ending('.js'), /javascript/, true],
      [ending('.css'), /^text\/css/, true],
      [ending('.woff2'), /woff2/, true],
      ['nothing-here', /./, false],
    ];
    for (const [file, type, long] of files) {
      const answer = await fetch(at + file);
      const said = (name: string): string => answer.headers.get(name) ?? '(none)';
      for (const [name, value] of Object.entries(ALWAYS))
        if (said(name) !== value) wrong.push(`${file || '/'}: ${name}: ${said(name)}`);
      if (file !== 'nothing-here') {
        if (!answer.ok) wrong.push(`${file}: ${answer.status}`);
        if (!type.test(said('content-type'))) wrong.push(`${file}: content-type: ${said('content-type')}`);
        if (said('cache-control') !== (long ? LONG : 'no-cache'))
          wrong.push(`${file}: cache-control: ${said('cache-control')}`);
      }
      await answer.arrayBuffer();
    }
  } finally {
    child.kill('SIGTERM');
    await ended;
    if (wrong.length > 0 && existsSync(join(folder, 'error.log')))
      console.log(readFileSync(join(folder, 'error.log'), 'utf8').split('\n').slice(-6).join('\n'));
    rmSync(folder, { recursive: true });
  }
  return wrong;
}

let bad = 0;
for (const [server, places] of Object.entries(programs)) {
  const program = places.find(existsSync);
  if (program === undefined) {
    console.log(`${server.padEnd(8)} not installed`);
    continue;
  }
  const wrong = await tryServer(server, program);
  bad += wrong.length;
  console.log(
    `${server.padEnd(8)} ${wrong.length === 0 ? '10 files, every header as it should be' : wrong.join('\n         ')}`,
  );
}
process.exitCode = bad === 0 ? 0 : 1;
