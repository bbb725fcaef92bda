/** A kind of the API, by the words of its path. */
export interface WatchedKind {
  /** Empty for the core group. */
  readonly group: string
  /** Those that we understand, the one that we prefer first. */
  readonly versions: readonly [string, ...string[]]
  readonly plural: string
}

/** Where a version of a group is served. */
export function groupPath(group: string, version: string): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`
}

/** `PLURAL.GROUP`, as `kubectl` knows it. */
export function nameOfKind({ group, plural }: WatchedKind): string {
  return group === '' ? plural : `${plural}.${group}`
}

/** The rule of a role that lets an account follow the kind, or just the object of a name, as it is written in YAML. */
export function ruleFor({ group, plural }: WatchedKind, name: string | undefined): string {
  const names = name === undefined ? '' : `resourceNames: ["${name}"], `
  return `apiGroups: ["${group}"], resources: ["${plural}"], ${names}verbs: ["list", "watch"]`
}
