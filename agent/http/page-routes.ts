import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Hono } from 'hono'
import { installRoot } from '../install-root.ts'
import type { HttpEnv } from './access.ts'

const FILES = [
  { path: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  ...['areas', 'choice', 'counts', 'detection', 'dom', 'live', 'overlay', 'page', 'places'].map((name) => ({
    path: `/${name}.js`,
    file: `${name}.js`,
    type: 'text/javascript; charset=utf-8',
  })),
  ...['page', 'places'].map((name) => ({ path: `/${name}.css`, file: `${name}.css`, type: 'text/css; charset=utf-8' })),
  { path: '/icon.svg', file: 'icon.svg', type: 'image/svg+xml' },
]

/** One static file of the page, read once. */
export interface PageFile {
  readonly path: string
  readonly type: string
  readonly text: string
  readonly etag: string
}

export async function readPage(): Promise<readonly PageFile[]> {
  return Promise.all(
    FILES.map(async ({ path, file, type }) => {
      const text = await readFile(new URL(`agent/page/${file}`, installRoot), 'utf8')
      return { path, type, text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` }
    }),
  )
}

/** The page's own files. They hold no data, so they need no token. */
export function pageRoutes(files: readonly PageFile[]): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>()
  for (const { path, type, text, etag } of files) {
    routes.get(path, (c) => {
      c.header('ETag', etag)
      c.header('Cache-Control', 'no-cache')
      if (c.req.header('if-none-match') === etag) return c.body(null, 304)
      return c.body(text, 200, { 'Content-Type': type })
    })
  }
  return routes
}
