/** The folder that holds package.json, gst-pipelines and the page, seen from the built file (dist/agent/install-root.js). */
export const installRoot = new URL('../../', import.meta.url)
