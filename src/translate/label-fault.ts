const name = /^[a-z0-9]([-_.a-z0-9]{0,61}[a-z0-9])?$/i
const prefix = /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/i

/** What is wrong with a label, as Kubernetes sees it; `undefined` when nothing is. */
export function labelFault(key: string, value: string): string | undefined {
  const slash = key.indexOf('/')
  const hasPrefix = slash >= 0
  if (!name.test(key.slice(slash + 1)) || (hasPrefix && !prefix.test(key.slice(0, slash)))) {
    return `${JSON.stringify(key)} is not a label key`
  }
  if (value === '' || name.test(value)) return undefined
  return `${JSON.stringify(value)} is not a label value`
}
