/** Where the label ends that begins at `from`; -1 for the last one. Dots inside of labels have a backslash. */
export function labelEnd(name: string, from: number): number {
  let dot = name.indexOf('.', from)
  while (dot >= 0 && isEscaped(name, dot)) dot = name.indexOf('.', dot + 1)
  return dot
}

/** Whether the character belongs to a label as it is; a backslash before it may be one itself. */
export function isEscaped(name: string, at: number): boolean {
  let slashes = 0
  while (name[at - 1 - slashes] === '\\') slashes += 1
  return slashes % 2 === 1
}
