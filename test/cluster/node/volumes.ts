import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type {
  V1KeyToPath,
  V1Pod,
  V1SecretProjection,
  V1SecretVolumeSource,
  V1Volume,
  V1VolumeProjection,
} from '@kubernetes/client-node'
import { readField } from './pod-field.ts'

/** What volumes are filled with. */
export interface VolumeSources {
  /** Data of a ConfigMap or Secret of the pod's namespace; `undefined` when there is none. */
  readonly data: (
    kind: 'configmaps' | 'secrets',
    name: string,
  ) => Promise<Readonly<Record<string, string>> | undefined>
  /** A token of the pod's service account. */
  readonly token: (audience: string | undefined, seconds: number) => Promise<string>
}

interface VolumeFile {
  readonly path: string
  readonly text: string
  readonly mode?: number | undefined
}

/**
 * Makes a pod's volumes, each a folder of its name, or brings them up to date.
 * @throws when something is not there yet, or a kind of volume is not supported here.
 */
export async function makeVolumes(
  folder: string,
  pod: V1Pod,
  sources: VolumeSources,
): Promise<void> {
  const group = pod.spec?.securityContext?.fsGroup
  for (const volume of pod.spec?.volumes ?? []) {
    const files = await filesOf(volume, pod, sources)
    const own = join(folder, volume.name)
    await mkdir(own, { recursive: true })
    // Folders of this kind are everybody's, whatever the umask.
    await chmod(own, volume.emptyDir ? 0o777 : 0o755)
    if (group !== undefined && volume.emptyDir) await chown(own, 0, group)
    if (files.length > 0) await putAtOnce(own, files, group)
  }
}

/**
 * Shows new files, all of them in one step, as a kubelet does: names lead through `..data` to a folder
 * that is another each time.
 */
async function putAtOnce(
  folder: string,
  files: readonly VolumeFile[],
  group: number | undefined,
): Promise<void> {
  const fresh = await mkdtemp(`${folder}/..made-`)
  await chmod(fresh, 0o755)
  for (const { path, text, mode = 0o644 } of files) {
    const file = join(fresh, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
    await chmod(file, group === undefined ? mode : mode | 0o040)
    if (group !== undefined) await chown(file, 0, group)
  }
  const data = join(folder, '..data')
  const before = await readlink(data).catch(() => undefined)
  await symlink(basename(fresh), `${data}_tmp`)
  await rename(`${data}_tmp`, data)
  for (const name of new Set(files.map(({ path }) => path.split('/')[0] ?? ''))) {
    await symlink(`..data/${name}`, join(folder, name)).catch(() => {
      // It is there already.
    })
  }
  if (before !== undefined) await rm(join(folder, before), { recursive: true })
}

async function filesOf(
  volume: V1Volume,
  pod: V1Pod,
  sources: VolumeSources,
): Promise<readonly VolumeFile[]> {
  const { configMap, secret, downwardAPI, projected } = volume
  if (volume.emptyDir || volume.hostPath) return []
  const single: V1VolumeProjection = {
    ...(configMap ? { configMap } : {}),
    ...(secret ? { secret: secretOf(secret) } : {}),
    ...(downwardAPI ? { downwardAPI } : {}),
  }
  const parts = projected?.sources ?? [single]
  const files = await Promise.all(parts.map((part) => filesOfPart(part, volume, pod, sources)))
  return files.flat()
}

function secretOf({ secretName = '', items, optional }: V1SecretVolumeSource): V1SecretProjection {
  return {
    name: secretName,
    ...(items ? { items } : {}),
    ...(optional === undefined ? {} : { optional }),
  }
}

async function filesOfPart(
  part: V1VolumeProjection,
  volume: V1Volume,
  pod: V1Pod,
  { data, token }: VolumeSources,
): Promise<readonly VolumeFile[]> {
  const mode =
    (volume.projected ?? volume.configMap ?? volume.secret ?? volume.downwardAPI)?.defaultMode ??
    0o644
  const { serviceAccountToken, downwardAPI, configMap, secret } = part
  if (serviceAccountToken) {
    const { audience, expirationSeconds = 3600, path } = serviceAccountToken
    // A kubelet makes it readable for the one user that a pod has; here, for all.
    return [{ path, text: await token(audience, expirationSeconds), mode: 0o644 }]
  }
  if (downwardAPI) {
    return (downwardAPI.items ?? []).map(({ path, fieldRef, mode: own = mode }) => {
      if (!fieldRef) throw new Error(`volume ${volume.name}: only fields are supported here`)
      return { path, text: readField(pod, fieldRef.fieldPath), mode: own }
    })
  }
  const named = configMap ?? secret
  if (!named) throw new Error(`volume ${volume.name}: its kind is not supported here`)
  const kind = configMap ? 'configmaps' : 'secrets'
  const found = await data(kind, named.name ?? '')
  if (!found) {
    if (named.optional) return []
    throw new Error(`volume ${volume.name}: no ${kind} ${named.name}`)
  }
  const items: readonly V1KeyToPath[] =
    named.items ?? Object.keys(found).map((key) => ({ key, path: key }))
  return items.flatMap((item) => {
    const text = found[item.key]
    return text === undefined ? [] : [{ path: item.path, text, mode: item.mode ?? mode }]
  })
}
