import { type Alias, type Document, isAlias, type Node, visit } from 'yaml'

export interface AliasFault {
  readonly message: string
  readonly offset: number
}

/** The first alias that leads nowhere, or back into what it stands in; `undefined` when all are well. */
export function aliasFault(document: Document.Parsed): AliasFault | undefined {
  let fault: AliasFault | undefined
  const anchors = new Map<string, Node>()
  visit(document, {
    Node(_key, node) {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.set(node.anchor, node)
        return undefined
      }
      const message = faultOf(node, anchors.get(node.source))
      if (message === undefined) return undefined
      fault = { message, offset: startOf(node) }
      return visit.BREAK
    },
  })
  return fault
}

function faultOf(alias: Alias, target: Node | undefined): string | undefined {
  if (!target) return 'there is no anchor for this alias before it'
  const end = target.range?.[1] ?? 0
  const isInside = startOf(target) <= startOf(alias) && startOf(alias) < end
  return isInside ? 'the alias stands inside its own anchor' : undefined
}

function startOf({ range }: Node): number {
  return range?.[0] ?? 0
}
