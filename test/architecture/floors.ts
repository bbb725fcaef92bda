/** The house, roof first. Imports go down, never up or sideways; a room is a folder of `src/`. */
export const floors: readonly (readonly string[])[] = [
  ['cli'],
  ['agent', 'controller', 'sandbox', 'install'],
  [
    'serve',
    'capture',
    'dataplane',
    'files',
    'kubernetes',
    'admission',
    'xds',
    'identity',
    'admin',
    'telemetry',
  ],
  ['resolve', 'balance', 'allocate', 'translate', 'inject'],
  ['registry', 'config'],
  ['wire', 'documents'],
  ['ip', 'sys', 'rpc'],
  ['base'],
]
