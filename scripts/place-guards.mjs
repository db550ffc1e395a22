// node scripts/place-guards.mjs FOLDER: puts the guards from a folder with the files of `npm run cross` into their packages.
import { placeGuards } from './packages/guards.mjs'
import { fail, root } from './run.mjs'

const [folder] = process.argv.slice(2)
if (folder === undefined) fail('Which folder has the guards? Pass its path.')
placeGuards(folder, `${root}npm`)
