import { root } from '../architecture/tree.ts'
import type { Instruction, Stage } from './containerfile.ts'

interface Build {
  /** An empty folder: `NAME/root` becomes the root of a stage, the last stage is `final`. */
  readonly folder: string
  readonly stages: readonly Stage[]
}

/** Large, and no part of a build. */
const spared = ['@biomejs', '@bufbuild/buf-*', '@oxlint*', 'node-linux-*', '.cache']

/** Stands in for a registry: this checkout's modules; everything else is npm's. */
const npm = `#!/bin/sh
if [ "$1" = ci ]; then
  mkdir -p node_modules
  tar -C ${root}/node_modules/ ${spared.map((name) => `--exclude='./${name}'`).join(' ')} -c . | tar -C node_modules -x
  exit
fi
exec /usr/bin/env node "$(command -v -p npm || echo /usr/bin/npm)" "$@"
`

/**
 * A script that does what the Containerfile says, in a mount namespace of its own. Any base but
 * `scratch` is this machine with a layer over it, so that nothing of the machine changes.
 */
export function buildScript({ folder, stages }: Build): string {
  return [
    'set -eu',
    'mount --make-rprivate /',
    ...stages.map((stage) => stageScript(stage, folder)),
  ].join('\n')
}

function stageScript({ name, base, instructions }: Stage, folder: string): string {
  const place = `${folder}/${name === '' ? 'final' : name}`
  const begin = base === 'scratch' ? `mkdir -p ${place}/root` : machineScript(place)
  let workdir = '/'
  const steps = instructions.map((instruction) => {
    const { word, rest } = instruction
    if (word === 'WORKDIR') {
      workdir = rest
      return `mkdir -p ${place}/root${rest}`
    }
    if (word === 'COPY') return copyScript(instruction, { place, folder, workdir })
    if (word !== 'RUN') return ''
    const script = `cd ${workdir} && ${rest}`
    return `chroot ${place}/root /usr/bin/env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root sh -ec ${quote(script)}`
  })
  return [begin, ...steps].join('\n')
}

function machineScript(place: string): string {
  const bin = `${place}/root/usr/local/bin`
  const stub = (name: string, text: string) =>
    `rm -f ${bin}/${name}; printf %s ${quote(text)} > ${bin}/${name}; chmod 755 ${bin}/${name}`
  return [
    `mkdir -p ${place}/upper ${place}/work ${place}/root`,
    `mount -t overlay overlay -o lowerdir=/,upperdir=${place}/upper,workdir=${place}/work ${place}/root`,
    `mount --bind /dev ${place}/root/dev`,
    `mount -t proc proc ${place}/root/proc`,
    `rm -f ${bin}/node; ln -s ${process.execPath} ${bin}/node`,
    stub('npm', npm),
    // What it would install is on the machine.
    stub('apt-get', '#!/bin/sh\nexit 0\n'),
  ].join('\n')
}

interface Copying {
  readonly place: string
  readonly folder: string
  readonly workdir: string
}

function copyScript({ rest }: Instruction, { place, folder, workdir }: Copying): string {
  const words = rest.split(' ')
  const from = words[0]?.startsWith('--from=') ? words.shift()?.slice('--from='.length) : undefined
  const target = words.pop() ?? ''
  const to = `${place}/root${target.startsWith('/') ? target : `${workdir}/`}`
  // What a stage wrote is in its layer: links to it are enough.
  if (from !== undefined) return `cp -al ${folder}/${from}/upper${words[0]}. ${to}`
  if (words[0] !== '.') return words.map((word) => `cp ${root}/${word} ${to}`).join('\n')
  const ignored = ['./.git', './dist', './node_modules'].map((path) => `--exclude=${path}`)
  return `tar -C ${root} ${ignored.join(' ')} -c . | tar -C ${to} -x`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
