import { z } from 'zod'
import { checkTexts } from '../../config/proxy-config.ts'
import { layerOfProxyResource } from '../../config/proxy-resource.ts'
import { checkShape } from '../../documents/shape.ts'
import type { ProxyConfigObject } from '../mesh-object.ts'
import { toLabels } from '../object-meta.ts'
import type { Unparsed } from '../unparsed.ts'
import { mapOf } from './workload-shape.ts'

const ProxyConfigShape = z.strictObject({
  selector: z.strictObject({ matchLabels: mapOf(z.string(), 4_096).nullish() }).nullish(),
  concurrency: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .nullish(),
  environmentVariables: mapOf(z.unknown(), 4_096).nullish(),
  image: z.strictObject({ imageType: z.string().nullish() }).nullish(),
})

/** Istio: ProxyConfig, the object; settings for the proxies of a namespace. */
export function parseProxyConfig({ raw, meta, report }: Unparsed): ProxyConfigObject | undefined {
  const shape = checkShape(ProxyConfigShape, raw['spec'] ?? {}, { path: ['spec'], report })
  if (!shape) return undefined
  checkTexts(shape.environmentVariables, ['spec', 'environmentVariables'], report)
  const selector = shape.selector ? toLabels(shape.selector.matchLabels) : undefined
  if (selector?.size === 0) {
    report.warning({
      code: 'EMPTY_SELECTOR',
      path: ['spec', 'selector'],
      message: 'an empty selector selects nobody',
      hint: 'Leave the selector out to mean the whole namespace, or give it matchLabels.',
      atKey: true,
    })
  }
  const { namespace, name, createdAt } = meta
  const layer = layerOfProxyResource(`ProxyConfig ${namespace}/${name}`, raw['spec'], meta.document)
  return {
    kind: 'ProxyConfig',
    meta,
    resource: { namespace, name, createdAt, layer, ...(selector ? { selector } : {}) },
  }
}
