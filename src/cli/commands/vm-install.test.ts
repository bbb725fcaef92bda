import assert from 'node:assert/strict'
import { lstatSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { bundleFiles, writeBundle } from '../../testing/bundle.ts'
import { meshdns } from '../../testing/command-line.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { pathsBelow, pictureOf } from '../../testing/tree-picture.ts'

/** An image with a few files of its own, and a folder to install there. */
async function image(test: TestContext) {
  const folder = await temporaryFolder(test)
  const [root, bundle] = [join(folder, 'image'), writeBundle(join(folder, 'vm1'))]
  mkdirSync(join(root, 'etc'), { recursive: true })
  writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost')
  return { folder, root, bundle }
}

/** Path of every file, with its mode. */
function modesIn(root: string): Record<string, string> {
  const files = pathsBelow(root).filter((name) => lstatSync(join(root, name)).isFile())
  return Object.fromEntries(
    files.map((name) => [name, (statSync(join(root, name)).mode & 0o777).toString(8)]),
  )
}

describe('meshdns vm install --root', () => {
  it('puts every file where Istio has it', async (test) => {
    const { root, bundle } = await image(test)
    const { stdout, stderr, status } = meshdns('vm', 'install', bundle, '--root', root)
    assert.deepEqual([stderr, status], ['', 0])
    assert.match(stdout, /^created .*\/etc\/istio\/config\/mesh$/m)
    assert.match(stdout, /^changed .*\/etc\/hosts$/m)
    assert.deepEqual(modesIn(root), {
      'etc/certs/istio-token': '600',
      'etc/certs/root-cert.pem': '644',
      'etc/hosts': '644',
      'etc/istio/config/mesh': '644',
      'etc/systemd/system/meshdns.service': '644',
      'etc/systemd/system/meshdns.service.d/vm.conf': '644',
      'etc/sysusers.d/meshdns.conf': '644',
      'etc/tmpfiles.d/meshdns-vm.conf': '644',
      'usr/lib/meshdns/remove-capture': '755',
      'var/lib/istio/envoy/cluster.env': '644',
      'var/lib/istio/envoy/sidecar.env': '644',
      'var/lib/meshdns-install/vm.json': '600',
      'var/run/secrets/tokens/istio-token': '600',
    })
    for (const [path, name] of [
      ['etc/certs/root-cert.pem', 'root-cert.pem'],
      ['var/run/secrets/tokens/istio-token', 'istio-token'],
      ['var/lib/istio/envoy/cluster.env', 'cluster.env'],
      ['etc/istio/config/mesh', 'mesh.yaml'],
    ] as const) {
      assert.equal(readFileSync(join(root, path), 'utf8'), bundleFiles[name])
    }
    assert.match(
      readFileSync(join(root, 'etc/hosts'), 'utf8'),
      /^127\.0\.0\.1 localhost\n# BEGIN meshdns.*\n192\.0\.2\.10 istiod\.istio-system\.svc\n# END meshdns\n$/,
    )
  })

  it('does nothing the second time, and leaves the image as it was in the end', async (test) => {
    const { root, bundle } = await image(test)
    const before = pictureOf(root)
    meshdns('vm', 'install', bundle, '--root', root)
    const installed = pictureOf(root)
    const second = meshdns('vm', 'install', bundle, '--root', root)
    assert.equal(second.stdout, 'Everything is in its place already.\n')
    assert.deepEqual(pictureOf(root), installed)
    const { stdout, status } = meshdns('vm', 'uninstall', '--root', root)
    assert.match(stdout, /^removed \/etc\/istio\/config\/mesh$/m)
    assert.equal(status, 0)
    assert.deepEqual(pictureOf(root), before)
    const third = meshdns('vm', 'uninstall', '--root', root)
    assert.match(third.stdout, /^Nothing to take away/)
    assert.equal(third.status, 0)
  })

  it('renews what a later folder has anew, and keeps what people wrote', async (test) => {
    const { folder, root, bundle } = await image(test)
    meshdns('vm', 'install', bundle, '--root', root)
    const sidecar = join(root, 'var/lib/istio/envoy/sidecar.env')
    writeFileSync(sidecar, "MESHDNS_LOG_LEVEL='debug'\n")
    const renewed = writeBundle(join(folder, 'vm1-renewed'), { 'istio-token': 'a.new.token' })
    const { stdout } = meshdns('vm', 'install', renewed, '--root', root)
    assert.deepEqual(stdout.trim().split('\n'), [
      `changed ${root}/etc/certs/istio-token`,
      `changed ${root}/var/run/secrets/tokens/istio-token`,
    ])
    assert.equal(readFileSync(sidecar, 'utf8'), "MESHDNS_LOG_LEVEL='debug'\n")
    const removal = meshdns('vm', 'uninstall', '--root', root)
    assert.match(
      removal.stdout,
      /^kept \/var\/lib\/istio\/envoy\/sidecar\.env: it was changed since$/m,
    )
    assert.equal(readFileSync(sidecar, 'utf8'), "MESHDNS_LOG_LEVEL='debug'\n")
  })

  it('has the unit start another program', async (test) => {
    const { root, bundle } = await image(test)
    meshdns('vm', 'install', bundle, '--root', root, '--program', '/opt/meshdns/bin/meshdns')
    const unit = readFileSync(join(root, 'etc/systemd/system/meshdns.service.d/vm.conf'), 'utf8')
    assert.match(unit, /^ExecStart=\/opt\/meshdns\/bin\/meshdns agent/m)
  })

  it('names the file that a folder lacks, and changes nothing', async (test) => {
    const { folder, root } = await image(test)
    const before = pictureOf(root)
    const bundle = writeBundle(join(folder, 'half'), { 'mesh.yaml': undefined })
    const { stderr, status } = meshdns('vm', 'install', bundle, '--root', root)
    assert.match(
      stderr,
      /^error\[INSTALL_BUNDLE\]: .*half cannot be installed: it lacks mesh\.yaml\n/,
    )
    assert.equal(status, 1)
    assert.deepEqual(pictureOf(root), before)
  })

  it('wants a root that is there', async (test) => {
    const { root, bundle } = await image(test)
    const { stderr, status } = meshdns('vm', 'install', bundle, '--root', join(root, 'nowhere'))
    assert.match(stderr, /nowhere is not a folder/)
    assert.equal(status, 2)
  })
})
