import type { Finding } from '../documents/finding.ts'

type FileFault =
  | 'FILE_MISSING'
  | 'FILE_UNREADABLE'
  | 'FILE_NOT_REGULAR'
  | 'FILE_TOO_LARGE'
  | 'BINARY_FILE'

const hints: Readonly<Record<FileFault, string>> = {
  FILE_MISSING: 'Check the path. An agent reads what is put there later.',
  FILE_UNREADABLE: 'Give the user that meshdns runs as permission to read it.',
  FILE_NOT_REGULAR: 'Give a file or a folder; pipes and devices cannot be followed.',
  FILE_TOO_LARGE:
    'Split it into several files; for an agent, files.sizeLimitOctets raises the limit.',
  BINARY_FILE: 'Give YAML or JSON files in UTF-8.',
}

/** A finding about a file as a whole, which therefore contributes nothing new. */
export function fileFinding(code: FileFault, file: string, message: string): Finding {
  return { severity: 'error', code, message, path: '', file, line: 1, column: 1, hint: hints[code] }
}

/** What the system said when a path could not be read. */
export function accessFinding(file: string, error: unknown): Finding {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return fileFinding('FILE_MISSING', file, 'there is no such file or folder')
  }
  const denied = code === 'EACCES' || code === 'EPERM'
  const reason = denied ? 'permission denied' : message
  return fileFinding('FILE_UNREADABLE', file, `it cannot be read: ${reason}`)
}

/** Whether it speaks of something that is not there, as opposed to something that is in the way. */
export function isMissing(finding: Finding): boolean {
  return finding.code === 'FILE_MISSING'
}

export function emptyFolder(file: string): Finding {
  return {
    severity: 'notice',
    code: 'FOLDER_EMPTY',
    message: 'the folder holds no .yaml, .yml or .json file',
    path: '',
    file,
    line: 1,
    column: 1,
  }
}
