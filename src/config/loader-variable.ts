/**
 * Whether a variable is obeyed before our program is: by the loader, by Node.js, by a shell.
 *
 * Whoever may annotate a workload shall not thereby run programs with the rights of its agent.
 */
export function isOfTheLoader(name: string): boolean {
  return /^(LD_|NODE_|GCONV_|OPENSSL_)|^(PATH|BASH_ENV|ENV|IFS|HOME|SHELL|TMPDIR)$/.test(name)
}
