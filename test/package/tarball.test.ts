import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { privateNetworksSkip } from '../../src/testing/private-network.ts'
import { root } from '../architecture/tree.ts'

interface Packed {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly version: string
}

/** A ServiceEntry without faults. */
const entry = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: one }
spec:
  hosts: [one.internal]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  resolution: STATIC
  endpoints: [{ address: 192.0.2.1 }]
`

const skip = privateNetworksSkip()
if (skip !== false) process.stderr.write(`NOT CHECKED: the sandbox of the package: ${skip}\n`)

describe('the package that npm pack makes', () => {
  let folder = ''
  let packed: Packed = { filename: '', files: [] }

  function run(command: string, argv: readonly string[], cwd: string): string {
    return execFileSync(command, argv, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  }

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'meshdns-package-'))
    const output = run('npm', ['pack', '--json', '--silent', '--pack-destination', folder], root)
    packed = (JSON.parse(output.slice(output.indexOf('['))) as Packed[])[0] ?? packed
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
    const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
    run('npm', ['install', '--omit=dev', ...quiet, join(folder, packed.filename)], folder)
  })

  after(() => rmSync(folder, { recursive: true, force: true }))

  it('holds JavaScript and type declarations, and no TypeScript and no tests', () => {
    const paths = packed.files.map(({ path }) => path)
    assert.ok(paths.includes('dist/cli/main.js'))
    assert.ok(paths.includes('dist/base/coded-error.d.ts'))
    const strays = paths.filter((path) =>
      /(?<!\.d)\.ts$|\.test\.|\.case\.|^dist\/testing/.test(path),
    )
    assert.deepEqual(strays, [])
  })

  it('holds the licence, the change log, the unit and the guides', () => {
    const paths = new Set(packed.files.map(({ path }) => path))
    const packaging = readdirSync(join(root, 'packaging'), {
      recursive: true,
      withFileTypes: true,
    })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => relative(root, join(parentPath, name)))
    for (const path of ['LICENSE', 'README.md', 'CHANGELOG.md', ...packaging]) {
      assert.ok(paths.has(path), path)
    }
  })

  it('prints its version', () => {
    assert.match(run('npx', ['--no-install', 'meshdns', '--version'], folder), new RegExp(version))
  })

  it('finds the units that it installs', () => {
    mkdirSync(join(folder, 'image'))
    run('npx', ['--no-install', 'meshdns', 'install', '-y', '--root', 'image'], folder)
    const unit = 'etc/systemd/system/meshdns-controller.service'
    assert.match(
      readFileSync(join(folder, 'image', unit), 'utf8'),
      /^ExecStart=\/usr\/bin\/meshdns /m,
    )
  })

  it('finds the definitions that it puts into a cluster', () => {
    const printed = run('npx', ['--no-install', 'meshdns', 'manifest', 'generate'], folder)
    assert.match(printed, /^kind: CustomResourceDefinition$/m)
  })

  it('validates a file', () => {
    writeFileSync(join(folder, 'one.yaml'), entry)
    run('npx', ['--no-install', 'meshdns', 'validate', '-f', 'one.yaml'], folder)
  })

  it('refuses a faulty file with exit code 1', () => {
    writeFileSync(join(folder, 'bad.yaml'), entry.replace('hosts: [one.internal]', 'hosts: []'))
    assert.throws(
      () => run('npx', ['--no-install', 'meshdns', 'validate', '-f', 'bad.yaml'], folder),
      { status: 1 },
    )
  })

  describe('has commands that', { skip }, () => {
    const inMesh = ['--no-install', 'meshdns', 'run', '-f', 'one.yaml', '--']

    it('ask for a name of the mesh', () => {
      writeFileSync(join(folder, 'one.yaml'), entry)
      const dig = ['dig', '+short', '+time=60', 'one.internal']
      assert.equal(run('npx', [...inMesh, ...dig], folder), '240.240.0.1\n')
      const getent = ['getent', 'ahostsv4', 'one.internal']
      assert.match(run('npx', [...inMesh, ...getent], folder), /^240\.240\.0\.1 +STREAM/)
    })

    it('show the examples', () => {
      const shown = run('npx', ['--no-install', 'meshdns', 'demo'], folder)
      assert.match(shown, /Trying 240\.240\.0\.1:80/)
      assert.match(shown, /Hello from the HTTP service at 198\.51\.100\.2\./)
    })

    it('show a mesh', () => {
      const shown = run('npx', ['--no-install', 'meshdns', 'demo', 'mesh'], folder)
      assert.match(shown, /^=> Both tried 240\.240\.0\.1\.$/m)
    })
  })
})
