/** Where something stands inside an object, from its root: field names and list indexes. */
export type Path = readonly (string | number)[]

/** As people write it: `spec.ports[1].name`; the object itself is the empty text. */
export function formatPath(path: Path): string {
  let text = ''
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`
    else if (/^[A-Za-z_][\w-]*$/.test(segment)) text += text === '' ? segment : `.${segment}`
    else text += `[${JSON.stringify(segment)}]`
  }
  return text
}
