/** A table whose cells may hold anything but line breaks. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A page with its title and the sentence that keeps people from editing it. */
export function page(title: string, parts: readonly string[]): string {
  const note = 'Printed from the code by `npm run docs`; a test compares. Do not edit it here.'
  return `${[`# ${title}`, note, ...parts].join('\n\n')}\n`
}

export function code(text: string): string {
  return `\`${text}\``
}

/** Case, sign and language of the machine do not matter. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
