import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { parse } from 'yaml'
import { meshdns, meshdnsReading } from '../../testing/command-line.ts'
import { pageOperator } from '../../testing/page-operator.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { pictureOf } from '../../testing/tree-picture.ts'

async function image(test: TestContext): Promise<string> {
  const folder = await temporaryFolder(test)
  writeFileSync(join(folder, 'iop.yaml'), pageOperator)
  mkdirSync(join(folder, 'image/etc'), { recursive: true })
  return folder
}

function install(folder: string, ...words: readonly string[]) {
  const files = words.includes('-') ? [] : ['-f', join(folder, 'iop.yaml')]
  const call = ['install', ...files, '--root', join(folder, 'image'), ...words]
  return meshdnsReading(pageOperator, ...call)
}

describe('meshdns install --root', () => {
  it('installs what the standard input says', async (test) => {
    const folder = await image(test)
    const { stdout, stderr, status } = install(folder, '-y', '-f', '-')
    assert.deepEqual([stderr, status], ['', 0])
    assert.match(stdout, /^created .*\/etc\/meshdns\/mesh\.yaml$/m)
    const mesh = parse(readFileSync(join(folder, 'image/etc/meshdns/mesh.yaml'), 'utf8')) as unknown
    assert.deepEqual(mesh, parse(pageOperator))
    const modes = ['etc/meshdns/objects', 'var/lib/meshdns-controller', 'etc/meshdns/mesh.yaml']
    assert.deepEqual(
      modes.map((path) => (statSync(join(folder, 'image', path)).mode & 0o777).toString(8)),
      ['755', '700', '644'],
    )
  })

  it('does nothing the second time, and mends what is missing', async (test) => {
    const folder = await image(test)
    install(folder, '-y')
    const installed = pictureOf(folder)
    const second = install(folder)
    assert.deepEqual([second.stdout, second.status], ['Everything is in its place already.\n', 0])
    assert.deepEqual(pictureOf(folder), installed)
    writeFileSync(join(folder, 'image/etc/systemd/system/meshdns-controller.service'), 'half of')
    const third = install(folder, '-y')
    assert.match(third.stdout, /^changed .*meshdns-controller\.service\n$/)
    assert.deepEqual(pictureOf(folder), installed)
  })

  it('only says what it would do with --dry-run', async (test) => {
    const folder = await image(test)
    const before = pictureOf(folder)
    const { stdout, status } = install(folder, '--dry-run')
    assert.equal(status, 0)
    assert.match(stdout, /^created .*\/mesh\.yaml \(0644\)\n {4}# Written by/m)
    assert.match(stdout, /^ {12}ISTIO_META_DNS_CAPTURE: "true"$/m)
    assert.deepEqual(pictureOf(folder), before)
    install(folder, '-y')
    const again = install(folder, '--dry-run', '--set', 'meshConfig.trustDomain=b.test')
    assert.match(again.stdout, /^changed .*\/mesh\.yaml/m)
    assert.match(again.stdout, /^same {4}.*meshdns-controller\.service/m)
  })

  it('wants to be told to go on when nobody can be asked', async (test) => {
    const folder = await image(test)
    const before = pictureOf(folder)
    const { stderr, status } = install(folder)
    assert.match(stderr, /nobody is there to be asked\nhint: .*-y/)
    assert.equal(status, 2)
    assert.deepEqual(pictureOf(folder), before)
  })

  it('keeps options that people wrote, and renews the mesh', async (test) => {
    const folder = await image(test)
    install(folder, '-y')
    const options = join(folder, 'image/etc/meshdns/controller.yaml')
    writeFileSync(options, 'sources: []\n')
    const { stdout } = install(folder, '-y', '--revision', 'canary')
    assert.match(stdout, /^changed .*mesh\.yaml\n$/)
    assert.equal(readFileSync(options, 'utf8'), 'sources: []\n')
  })

  interface Refusal {
    readonly name: string
    readonly words: readonly string[]
    readonly want: RegExp
    readonly status: number
  }

  const refusals: readonly Refusal[] = [
    {
      name: 'a value without quotes',
      words: ['-y', '-f', 'unquoted.yaml'],
      want: /error\[CLI_OPERATOR_REFUSED\]: unquoted\.yaml:\d+:\d+: .*Put it in quotes/s,
      status: 1,
    },
    {
      name: 'a file that is not there',
      words: ['-y', '-f', 'nowhere.yaml'],
      want: /nowhere\.yaml cannot be read/,
      status: 2,
    },
    {
      name: 'a standard input that is empty',
      words: ['-y', '-f', '-'],
      want: /\(standard input\) holds no IstioOperator\nhint: /,
      status: 2,
    },
    {
      name: 'a standard input that does not come last',
      words: ['-y', '-f', '-', '-f', 'iop.yaml'],
      want: /the standard input does not come last/,
      status: 2,
    },
    {
      name: 'another target',
      words: ['-y', '--target', 'moon'],
      want: /Allowed choices/,
      status: 2,
    },
  ]
  for (const { name, words, want, status } of refusals) {
    it(`refuses ${name}, and changes nothing`, async (test) => {
      const folder = await image(test)
      const unquoted = pageOperator.replaceAll('"true"', 'true')
      writeFileSync(join(folder, 'unquoted.yaml'), unquoted)
      const before = pictureOf(folder)
      const own = words.map((word) => (word.endsWith('.yaml') ? join(folder, word) : word))
      const made = meshdnsReading('', 'install', '--root', join(folder, 'image'), ...own)
      assert.match(made.stderr.replaceAll(`${folder}/`, ''), want)
      assert.equal(made.status, status)
      assert.deepEqual(pictureOf(folder), before)
    })
  }
})

describe('meshdns uninstall --root', () => {
  it('keeps objects and state, and goes on with them after a new install', async (test) => {
    const folder = await image(test)
    const root = join(folder, 'image')
    install(folder, '-y')
    writeFileSync(join(root, 'etc/meshdns/objects/a.yaml'), 'kind: A\n')
    writeFileSync(join(root, 'var/lib/meshdns-controller/token-key.pem'), 'key')
    const { stdout, status } = meshdns('uninstall', '-y', '--root', root)
    assert.equal(status, 0)
    assert.match(stdout, /^left \/etc\/meshdns\/objects; --purge takes it$/m)
    assert.match(stdout, /^left \/var\/lib\/meshdns-controller; --purge takes it$/m)
    assert.equal(statSync(join(root, 'etc/systemd'), { throwIfNoEntry: false }), undefined)
    install(folder, '-y')
    assert.equal(readFileSync(join(root, 'etc/meshdns/objects/a.yaml'), 'utf8'), 'kind: A\n')
  })

  it('leaves the image as it was with --purge, at once or later', async (test) => {
    const folder = await image(test)
    const root = join(folder, 'image')
    const before = pictureOf(folder)
    for (const first of [['--purge'], []]) {
      install(folder, '-y')
      writeFileSync(join(root, 'var/lib/meshdns-controller/token-key.pem'), 'key')
      meshdns('uninstall', '-y', '--root', root, ...first)
      const { stdout, status } = meshdns('uninstall', '-y', '--root', root, '--purge')
      assert.equal(status, 0, stdout)
      assert.deepEqual(pictureOf(folder), before)
    }
  })

  it('wants to be told to go on when nobody can be asked', async (test) => {
    const folder = await image(test)
    install(folder, '-y')
    const installed = pictureOf(folder)
    const { stderr, status } = meshdns('uninstall', '--root', join(folder, 'image'))
    assert.match(stderr, /nobody is there to be asked/)
    assert.equal(status, 2)
    assert.deepEqual(pictureOf(folder), installed)
  })
})
