import { testInstaller } from '../helpers/install-tests.ts'

testInstaller('pnpm 9')
testInstaller('pnpm 10')
testInstaller('pnpm 12')
