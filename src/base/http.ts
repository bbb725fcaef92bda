/**
 * HTTP of Node without its `WebSocket`: an `import` reads all exports of a module, and this one would load a client that
 * nobody here uses, with 5 MiB of memory and 45 ms of CPU time.
 */
export const http = process.getBuiltinModule('node:http')
