import { findLines, type TreeFile } from './tree.ts'

interface Rule {
  readonly pattern: RegExp
  readonly reason: string
  /** Which files it is about. */
  readonly where: RegExp
}

const everywhere = /./

const rules: readonly Rule[] = [
  {
    pattern: /(?<![\w.:/-])\/(home|Users|work|private|mnt)\/[\w.-]+/,
    reason: 'a path of one machine',
    where: everywhere,
  },
  { pattern: /\b[A-Z]:\\\\?Users\\/, reason: 'a path of one machine', where: everywhere },
  { pattern: /\b(TODO|FIXME|XXX|HACK)\b/, reason: 'an unfinished thought', where: everywhere },
  {
    pattern: /\b(issue|ticket|task) #?\d+\b|\(#\d+\)/i,
    reason: 'a number that means nothing to a reader',
    where: everywhere,
  },
  {
    pattern: /\b(blacklist|whitelist|master\/slave)\b/i,
    reason: 'say what it does: allow, refuse, leads, follows',
    where: everywhere,
  },
  {
    pattern: /\b(simply|obviously|just works|blazing|seamless(ly)?|state[- ]of[- ]the[- ]art)\b/i,
    reason: 'praise, not information',
    where: /\.md$/,
  },
  {
    pattern: /\b(utilize[sd]?|leverag(e[sd]?|ing)|robust|comprehensive)\b/i,
    reason: 'a longer word for a shorter one',
    where: /\.(md|ts)$/,
  },
  { pattern: /\bVIPs?\b/, reason: '«virtual address» in prose', where: /\.md$/ },
  {
    // Prometheus has `_bytes` in its names, and says so.
    pattern: /^(?!.*_bytes).*\bbytes?\b/i,
    reason: '«octet» in prose',
    where: /\.md$/,
  },
]

/** The rules themselves, and texts that are not ours, name what is forbidden. */
const exempt = /^(test\/architecture\/words\.(test\.)?ts|LICENSE)$/

/** Lines with words that do not belong into a product that others read. */
export function findWordFaults(files: readonly TreeFile[]): string[] {
  return files
    .filter(({ path }) => !exempt.test(path))
    .flatMap((file) =>
      rules
        .filter(({ where }) => where.test(file.path))
        .flatMap(({ pattern, reason }) => findLines(file, pattern, reason, { comments: true })),
    )
}
