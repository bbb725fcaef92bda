import type { Kind } from './definition.ts'
import { map, number, object, selectorLabels, text } from './schema.ts'

export const proxyConfigKind: Kind = {
  kind: 'ProxyConfig',
  plural: 'proxyconfigs',
  versions: ['v1beta1'],
  description: 'What is switched on for workloads.',
  spec: object({
    selector: object({ matchLabels: selectorLabels }),
    concurrency: { ...number(0, 2_147_483_647), nullable: true },
    environmentVariables: map(text(2_048), 256),
    image: object({ imageType: text(256) }),
  }),
}
