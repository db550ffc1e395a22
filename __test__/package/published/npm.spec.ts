import { testInstaller } from '../helpers/install-tests.ts'

testInstaller('npm')
testInstaller('npm 10')
