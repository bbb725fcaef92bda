/** What the API server takes as the name of a namespace (RFC 1123 §2.1); empty where nobody says it. */
export const namespacePattern = /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?$/

/** The same of a revision, with room for what stands before it in names of objects. */
export const revisionPattern = /^([a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?)?$/

/** What both must be. */
export const namespaceRule = ruleOf(63)
export const revisionRule = ruleOf(52)

function ruleOf(most: number): string {
  return `must be lower-case letters, digits and "-", at most ${most}, with no "-" at its ends`
}
