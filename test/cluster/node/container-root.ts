import { join } from 'node:path'
import { root } from '../../architecture/tree.ts'
import { foldersOfPrograms, launcher, ownFolder, seenCache, seenCheckout } from './images.ts'

/** A folder or file of the node that a container sees. */
export interface Mount {
  readonly from: string
  /** An absolute path of the container. */
  readonly to: string
  readonly isReadOnly: boolean
  readonly isFile: boolean
}

export interface ContainerRoot {
  /** An empty folder. */
  readonly folder: string
  readonly hostName: string
  readonly mounts: readonly Mount[]
  readonly isReadOnly: boolean
  readonly workingFolder: string
  /** Where compiled code is kept. */
  readonly cache: string
}

/** What programs need of /etc, wherever it is there. */
const borrowed =
  'passwd group nsswitch.conf alternatives ld.so.cache ld.so.conf ld.so.conf.d services protocols iproute2 xtables ethertypes'

/**
 * A script that makes a container's root in namespaces of its own, and becomes its words: programs of
 * the machine, seen read-only, and all else new and empty. Says `made` to descriptor 3 before that.
 */
export function rootScript(container: ContainerRoot): string {
  const { folder, hostName, mounts, isReadOnly, workingFolder, cache } = container
  const seen = [
    { from: root, to: seenCheckout },
    ...foldersOfPrograms().map((path) => ({ from: path, to: path })),
  ].map((mount) => ({ ...mount, isReadOnly: true, isFile: false }))
  const all = [...seen, { from: cache, to: seenCache, isReadOnly: false, isFile: false }, ...mounts]
  return `
    hostname ${quote(hostName)}
    mount --make-rprivate /
    mount -t tmpfs -o mode=755 root ${quote(folder)}
    cd ${quote(folder)}
    mkdir -m 755 etc proc sys dev run var root home mnt srv old
    mkdir -m 1777 tmp var/tmp
    mkdir -m 755 var/cache var/lib var/log
    ln -s ../run var/run
    for name in bin sbin lib lib32 lib64 libx32 usr opt; do
      if [ -L "/$name" ]; then cp -P "/$name" "$name"
      elif [ -d "/$name" ]; then
        mkdir "$name"
        mount --bind "/$name" "$name"
        mount -o remount,bind,ro "$name"
      fi
    done
    for name in ${borrowed}; do
      if [ -e "/etc/$name" ]; then cp -a "/etc/$name" etc/; fi
    done
    mount -t proc proc proc
    mount -t sysfs sysfs sys
    mount --rbind /dev dev
    if [ -d dev/shm ]; then mount -t tmpfs -o mode=1777 shm dev/shm; fi
    mkdir -m 755 .${ownFolder}
    printf %s ${quote(launcher)} > .${ownFolder}/meshdns
    chmod 755 .${ownFolder}/meshdns
    ${all.map(mountLines).join('\n')}
    pivot_root . old
    umount -l /old
    rmdir /old
    ${isReadOnly ? 'mount -o remount,ro /' : ''}
    cd ${quote(workingFolder)}
    echo made >&3
    exec 3>&- "$@"`
}

function mountLines({ from, to, isReadOnly, isFile }: Mount): string {
  const place = quote(`.${join('/', to)}`)
  const make = isFile ? `mkdir -p "$(dirname ${place})"; touch ${place}` : `mkdir -p ${place}`
  return `
    ${make}
    mount --bind ${quote(from)} ${place}
    ${isReadOnly ? `mount -o remount,bind,ro ${place}` : ''}`
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
