import type { Rule } from '../../../src/install/cluster/render/controller-rules.ts'

/** One verb on one resource, as `RESOURCE.GROUP[/PART][ NAME]: VERB`. */
export type Right = string

export interface Deed {
  readonly group: string
  readonly resource: string
  readonly part?: string | undefined
  readonly name?: string | undefined
  readonly verb: string
}

export function rightFor({ group, resource, part, name, verb }: Deed): Right {
  const kind = group === '' ? resource : `${resource}.${group}`
  return `${kind}${part ? `/${part}` : ''}${name ? ` ${name}` : ''}: ${verb}`
}

/** What rules grant, one by one. */
export function rightsOf(rules: readonly Rule[]): readonly Right[] {
  const all = rules.flatMap(({ apiGroups, resources, resourceNames = [''], verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((whole) => {
        const [resource = '', part] = whole.split('/')
        return resourceNames.flatMap((name) =>
          verbs.map((verb) => rightFor({ group, resource, part, name, verb })),
        )
      }),
    ),
  )
  return [...new Set(all)].toSorted()
}
