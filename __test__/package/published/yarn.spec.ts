import { testInstaller } from '../helpers/install-tests.ts'

testInstaller('yarn 1')
testInstaller('yarn 4')
testInstaller('yarn 4 Plug’n’Play')
