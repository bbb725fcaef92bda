import { type InstallConfig, mergeInstallConfig } from '../config/install-config.ts'
import { readOperator } from '../config/istio-operator.ts'
import { type Layer, liftLayer } from '../config/layer.ts'
import { isMeshConfigMap, readMeshLayer } from '../config/read-mesh-config.ts'
import type { ObjectDocument } from '../documents/documents.ts'
import { type Finding, formatFinding, isError } from '../documents/finding.ts'
import { isPlainMap } from '../documents/plain-map.ts'
import type { MeshObject } from '../translate/mesh-object.ts'
import { parseObject } from '../translate/parse-object.ts'
import type { Invocation } from './command.ts'
import { readInput } from './read-input.ts'
import { printableLines } from './table.ts'
import { UsageError } from './usage-error.ts'

/** What files say about proxies. */
export interface ProxyInput {
  readonly install: InstallConfig
  readonly objects: readonly MeshObject[]
}

/**
 * Reads IstioOperators, MeshConfigs and objects from the files that the invocation names.
 *
 * Faulty objects are left out, and told of on stderr, as is what does something else than it seems to.
 * @throws {UsageError} when no file is named, or the mesh makes no sense.
 */
export async function readProxyInput({ options, io }: Invocation): Promise<ProxyInput> {
  const paths = options.texts('file')
  const sets = options.texts('set')
  if (paths.length === 0 && sets.length === 0) {
    throw new UsageError('no file is named', {
      hint: 'Name an IstioOperator or a MeshConfig, and objects, with -f PATH; or a controller with --controller 127.0.0.1:15014, or a cluster with --kubeconfig PATH.',
    })
  }
  const { documents, findings } = await readInput(paths, io.stdin)
  const layers: Layer[] = []
  const faults: Finding[] = findings.filter(isError)
  const objects: MeshObject[] = []
  const remarks: Finding[] = []
  for (const document of documents) {
    const read = readMeshPart(document)
    if (read) {
      layers.push(...read.layers)
      faults.push(...read.findings.filter(isError))
      remarks.push(...read.findings.filter(isWarning))
      continue
    }
    const defaultNamespace = options.text('namespace') ?? 'default'
    const parsed = parseObject(document, { defaultNamespace })
    if (parsed.object) objects.push(parsed.object)
    remarks.push(...parsed.findings.filter((one) => isError(one) || isWarning(one)))
  }
  const merged = mergeInstallConfig(layers, sets)
  faults.push(...merged.findings.filter(isError))
  remarks.push(...merged.findings.filter(isWarning))
  for (const finding of remarks) io.stderr.write(`${printableLines(formatFinding(finding))}\n`)
  if (merged.config && faults.length === 0) return { install: merged.config, objects }
  throw new UsageError(printableLines(faults.map(formatFinding).join('\n')))
}

/** What a document says about the whole mesh; `undefined` when it is about something else. */
function readMeshPart(document: ObjectDocument) {
  const kind = isPlainMap(document.value) ? document.value['kind'] : undefined
  if (kind === 'IstioOperator') {
    const { layer, findings } = readOperator([document], 'mesh')
    return { layers: layer ? [layer] : [], findings }
  }
  if (kind !== undefined && !isMeshConfigMap(document.value)) return undefined
  const { layer, findings } = readMeshLayer(document)
  return { layers: layer ? [liftLayer(layer, 'meshConfig')] : [], findings }
}

function isWarning({ severity }: Finding): boolean {
  return severity === 'warning'
}
