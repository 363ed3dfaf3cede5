import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** One file of the page for people, ready to be sent. */
export interface DocsFile {
  /** Its Content-Type. */
  readonly type: string
  readonly body: Buffer
}

/** Where the page's files are, below the page. */
const FOLDER = 'static'

const JAVASCRIPT = 'text/javascript; charset=utf-8'

/** What the page needs of Swagger UI. It is in the package as it is published: nothing comes from elsewhere. */
const OF_SWAGGER_UI = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'index.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': JAVASCRIPT,
  'favicon-32x32.png': 'image/png',
} as const

/** Reads the description from beside the page, so that a browser sends along what let it see the page. */
const START = `const description = new URL('../json', document.currentScript.src).href
window.onload = () => SwaggerUIBundle({
  dom_id: '#swagger-ui',
  url: description,
  deepLinking: true,
  validatorUrl: null,
})
`

/**
 * The files of the page by their path below it, all of them in memory: opened for each request, they would let a flood of
 * requests use up the process's files.
 */
export async function readDocsFiles(): Promise<ReadonlyMap<string, DocsFile>> {
  const swaggerUi = createRequire(import.meta.url).resolve('@fastify/swagger-ui')
  const files = new Map<string, DocsFile>([
    [`${FOLDER}/start.js`, { type: JAVASCRIPT, body: Buffer.from(START) }],
  ])
  for (const [name, type] of Object.entries(OF_SWAGGER_UI)) {
    files.set(`${FOLDER}/${name}`, { type, body: await readFile(join(dirname(swaggerUi), 'static', name)) })
  }
  return files
}

/** The page itself. @param base how the page's folder is called from where the page is: `docs` from `/docs`, `.` from `/docs/` */
export function docsPage(base: string): DocsFile {
  const at = (name: string) => `${base}/${FOLDER}/${name}`
  const html = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>callmask: the API</title>
<link rel="stylesheet" href="${at('swagger-ui.css')}">
<link rel="stylesheet" href="${at('index.css')}">
<link rel="icon" type="image/png" sizes="32x32" href="${at('favicon-32x32.png')}">
</head>
<body>
<div id="swagger-ui"></div>
<script src="${at('swagger-ui-bundle.js')}"></script>
<script src="${at('start.js')}"></script>
</body>
</html>
`
  return { type: 'text/html; charset=utf-8', body: Buffer.from(html) }
}
