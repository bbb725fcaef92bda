import assert from 'node:assert/strict'
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { root } from '../architecture/tree.ts'

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

/** Behaves like `npm ci` as far as the launcher can see, and writes down how it was called. */
const obedientNpm = `#!/bin/sh
echo "$*" >>calls
echo 'added 42 packages'
mkdir -p node_modules/.bin
ln -sf ${process.execPath} node_modules/.bin/node
touch node_modules/.package-lock.json
`

/** A checkout with a launcher, a program that shows its arguments, and an npm of our own. */
function makeCheckout(npm = obedientNpm) {
  const folder = mkdtempSync(join(tmpdir(), 'meshdns-launcher-'))
  folders.push(folder)
  copyFileSync(join(root, 'meshdns'), join(folder, 'meshdns'))
  writeFileSync(join(folder, 'package-lock.json'), '{}')
  mkdirSync(join(folder, 'src/cli'), { recursive: true })
  writeFileSync(
    join(folder, 'src/cli/main.ts'),
    'const words: string[] = process.argv.slice(2)\nconsole.log(words.join("|"))\nprocess.exitCode = 7\n',
  )
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'bin/npm'), npm)
  chmodSync(join(folder, 'bin/npm'), 0o755)
  const env = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, TMPDIR: folder }
  const launch = (...words: readonly string[]): SpawnSyncReturns<string> =>
    spawnSync(join(folder, 'meshdns'), words, { encoding: 'utf8', env })
  const calls = () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n')
  return { folder, env, launch, calls }
}

describe('the launcher', () => {
  it('leaves the packages of another folder alone when they are only linked', () => {
    const { folder, launch } = makeCheckout()
    const other = makeCheckout().folder
    mkdirSync(join(other, 'node_modules'))
    symlinkSync(join(other, 'node_modules'), join(folder, 'node_modules'))
    const { status, stderr } = launch()
    assert.equal(status, 3)
    assert.match(stderr, /error\[LAUNCH_LINKED\]: .*\nhint: Install them where it leads to/)
    assert.throws(() => readFileSync(join(folder, 'calls')), { code: 'ENOENT' })
  })

  it('installs what is missing, says so on stderr alone, and passes words and exit code on', () => {
    const { launch, calls } = makeCheckout()
    const { status, stdout, stderr } = launch('a b', '--c')
    assert.equal(stdout, 'a b|--c\n')
    assert.equal(status, 7)
    assert.match(stderr, /installing packages.*\nmeshdns: packages installed\n/)
    assert.match(calls()[0] ?? '', /^ci --omit=dev .*--engine-strict=false --loglevel=error/)
  })

  it('installs nothing the second time', () => {
    const { launch, calls } = makeCheckout()
    launch()
    assert.equal(launch().stderr, '')
    assert.equal(calls().length, 1)
  })

  it('installs once when launched several times at once', async () => {
    const { folder, env, calls } = makeCheckout()
    const all = [1, 2, 3, 4].map(() => spawn(join(folder, 'meshdns'), { env, stdio: 'ignore' }))
    const ends = await Promise.all(all.map((child) => once(child, 'exit')))
    assert.deepEqual(
      ends.map(([code]) => code),
      [7, 7, 7, 7],
    )
    assert.equal(calls().length, 1)
  })

  it('installs again when the lock file is newer, and keeps development packages then', () => {
    const { folder, launch, calls } = makeCheckout()
    launch()
    mkdirSync(join(folder, 'node_modules/typescript'))
    utimesSync(join(folder, 'node_modules/.package-lock.json'), 1, 1)
    launch()
    assert.equal(calls().length, 2)
    assert.doesNotMatch(calls()[1] ?? '', /--omit=dev/)
  })

  it('finds its checkout through links', () => {
    const { folder, env } = makeCheckout()
    symlinkSync('../meshdns', join(folder, 'bin/inner'))
    symlinkSync('bin/inner', join(folder, 'outer'))
    const { stdout } = spawnSync(join(folder, 'outer'), ['x'], { encoding: 'utf8', env })
    assert.equal(stdout, 'x\n')
  })

  it('runs the built package where there is no source', () => {
    const { folder, launch } = makeCheckout()
    rmSync(join(folder, 'src'), { recursive: true })
    mkdirSync(join(folder, 'dist/cli'), { recursive: true })
    writeFileSync(join(folder, 'dist/cli/main.js'), 'console.log("built")\n')
    assert.equal(launch().stdout, 'built\n')
  })
})

interface Case {
  readonly name: string
  readonly npm: string
  readonly want: RegExp
}

const cases: readonly Case[] = [
  {
    name: 'a registry out of reach',
    npm: '#!/bin/sh\necho "npm error code EAI_AGAIN" >&2\nexit 1\n',
    want: /npm error code EAI_AGAIN\nerror\[LAUNCH_REGISTRY\]: .*\nhint: .*npm config set proxy/,
  },
  {
    name: 'a folder that npm may not write to',
    npm: '#!/bin/sh\necho "npm error code EACCES" >&2\nexit 1\n',
    want: /error\[LAUNCH_NOT_WRITABLE\]: .*\nhint: Run it once as the owner/,
  },
  {
    name: 'a full disk',
    npm: '#!/bin/sh\necho "npm error code ENOSPC" >&2\nexit 1\n',
    want: /error\[LAUNCH_DISK_FULL\]/,
  },
  {
    name: 'any other failure of npm, with its own words',
    npm: '#!/bin/sh\necho "npm error odd" >&2\nexit 1\n',
    want: /npm error odd\nerror\[LAUNCH_INSTALL\]/,
  },
  {
    name: 'an npm that brought no Node, where the system has an old one',
    npm: '#!/bin/sh\nmkdir node_modules\ntouch node_modules/.package-lock.json\n',
    want: /error\[LAUNCH_NODE_TOO_OLD\]: Node\.js 24 or newer is needed/,
  },
]

describe('the launcher names', () => {
  for (const { name, npm, want } of cases) {
    it(name, () => {
      const { folder, launch } = makeCheckout(npm)
      writeFileSync(join(folder, 'bin/node'), '#!/bin/sh\necho v20.1.0\n')
      chmodSync(join(folder, 'bin/node'), 0o755)
      const { status, stdout, stderr } = launch()
      assert.match(stderr, want)
      assert.deepEqual([status, stdout], [3, ''])
    })
  }

  it('a missing npm', () => {
    const { folder, env } = makeCheckout()
    rmSync(join(folder, 'bin/npm'))
    for (const tool of ['sh', 'dirname', 'readlink', 'flock']) {
      const { stdout } = spawnSync('which', [tool], { encoding: 'utf8' })
      if (stdout !== '') symlinkSync(stdout.trim(), join(folder, 'bin', tool))
    }
    const { stderr } = spawnSync(join(folder, 'meshdns'), {
      encoding: 'utf8',
      env: { ...env, PATH: join(folder, 'bin') },
    })
    assert.match(stderr, /error\[LAUNCH_NO_NPM\].*\nhint: .*apt-get install nodejs npm/)
  })
})
