import { statSync } from 'node:fs'
import { chmod, mkdir, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import type { V1Container, V1Pod, V1VolumeMount } from '@kubernetes/client-node'
import { root } from '../../architecture/tree.ts'
import { Container } from './container.ts'
import type { Mount } from './container-root.ts'
import { expand } from './environment.ts'
import { imageOf } from './images.ts'
import { hostNameOf } from './pod-files.ts'
import type { PodGroup } from './pod-groups.ts'
import { privilegeWords } from './privileges.ts'

/** Files of /etc that all containers of a pod share. */
const ownFiles = ['resolv.conf', 'hosts', 'hostname']

export interface ContainerPlace {
  /** The pod's. */
  readonly folder: string
  /** Words before those of a program that shall run on the node, in the pod's network. */
  readonly enter: readonly string[]
  readonly group: PodGroup
  readonly env: Readonly<Record<string, string>>
}

/** @throws when its image has no program of its own, and it names none. */
export async function startContainer(
  pod: V1Pod,
  spec: V1Container,
  { folder, enter, group, env }: ContainerPlace,
): Promise<Container> {
  const image = imageOf(spec.image ?? '')
  const program = spec.command?.map((word) => expand(word, env)) ?? image.entrypoint
  const words = spec.args?.map((word) => expand(word, env)) ?? (spec.command ? [] : image.command)
  if (program.length === 0) throw new Error(`${spec.name}: image ${spec.image} needs a command`)
  const roots = join(folder, 'roots')
  await mkdir(roots, { recursive: true })
  const ownGroup = group.add()
  return new Container({
    enter,
    group: ownGroup,
    hasNodeProcesses: pod.spec?.hostPID ?? false,
    root: {
      folder: await mkdtemp(join(roots, `${spec.name}-`)),
      hostName: pod.spec?.hostNetwork ? (pod.spec.nodeName ?? '') : hostNameOf(pod),
      mounts: [
        ...ownFiles.map((name) => fileMount(join(folder, 'etc', name), `/etc/${name}`)),
        ...(spec.volumeMounts ?? []).map((mount) => volumeMount(pod, folder, mount)),
      ],
      isReadOnly: spec.securityContext?.readOnlyRootFilesystem ?? false,
      workingFolder: spec.workingDir ?? '/',
      cache: await codeCache(),
    },
    env,
    argv: [...privilegeWords(pod, spec, image.user), ...program, ...words],
    // Without a namespace of processes, what it has started outlives it.
    leave: () => group.remove(ownGroup),
  })
}

function fileMount(from: string, to: string): Mount {
  return { from, to, isReadOnly: true, isFile: true }
}

function volumeMount(pod: V1Pod, folder: string, mount: V1VolumeMount): Mount {
  const { name, mountPath, subPath = '', readOnly = false } = mount
  const volume = pod.spec?.volumes?.find((each) => each.name === name)
  const base = volume?.hostPath?.path ?? join(folder, 'volumes', name)
  const from = join(base, subPath)
  const isWritable = volume?.emptyDir !== undefined || volume?.hostPath !== undefined
  const isFile = !statSync(from).isDirectory()
  return { from, to: mountPath, isReadOnly: readOnly || !isWritable, isFile }
}

/** Pods of all tests share what their programs have compiled. */
async function codeCache(): Promise<string> {
  const folder = join(root, 'node_modules/.cache/cluster-pods')
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o1777)
  return folder
}
