import { testInstaller } from '../helpers/install-tests.ts'

testInstaller('bun')
