import { stripVTControlCharacters, styleText } from 'node:util'

/** Cells by row; a row that is too short ends in empty cells. */
export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Printed in place of a table without rows. */
  readonly empty: string
}

/**
 * Columns side by side, two spaces apart; the head is bold where colour is wanted.
 *
 * Control characters of the data are dropped: a file must not write to somebody's terminal.
 */
export function formatTable(table: Table, color: boolean): string {
  if (table.rows.length === 0) return `${table.empty}\n`
  const lines = [table.head, ...table.rows].map((cells) => cells.map(printable))
  const widths = table.head.map((_, at) =>
    Math.max(...lines.map((cells) => (cells[at] ?? '').length)),
  )
  const texts = lines.map((cells) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const [head = '', ...rest] = texts
  const shown = color ? styleText('bold', head, { validateStream: false }) : head
  return `${[shown, ...rest].join('\n')}\n`
}

/** Several lines, each as `printable`. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

/** The text without anything that moves a cursor or changes a colour. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}/gu, '\u{fffd}')
}
