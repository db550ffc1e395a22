import test from 'ava'
import { type Facts, faultsOf, guardFaultsOf } from '../../scripts/cross/binary.mjs'
import { machinePaths } from '../../scripts/remap-paths.mjs'

const root = machinePaths().find(([, name]) => name === '/killtarget')![0]

const good: Facts = {
  format: 'elf',
  architecture: 'x64',
  interpreter: null,
  libraries: ['libc.so.6', 'ld-linux-x86-64.so.2'],
  versions: ['GLIBC_2.2.5', 'GLIBC_2.17'],
  exports: ['napi_register_module_v1'],
  imports: ['kill', 'malloc'],
  symbols: 0,
}
const apple: Facts = {
  ...good,
  format: 'mach-o',
  libraries: ['/usr/lib/libSystem.B.dylib'],
  versions: ['macOS_11.0'],
  exports: ['_napi_register_module_v1'],
}
const windows: Facts = { ...good, format: 'pe', libraries: ['KERNEL32.dll'], versions: [] }
const bytes = Buffer.alloc(700_000)

test('a correct binary has no faults', (t) => {
  for (const [platform, facts] of [
    ['linux-x64-gnu', good],
    ['linux-arm64-gnu', { ...good, architecture: 'arm64' }],
    ['linux-x64-musl', { ...good, libraries: ['libc.so'], versions: [] }],
    ['darwin-x64', apple],
    ['win32-x64-msvc', windows],
  ] as [string, Facts][]) {
    t.deepEqual(faultsOf(platform, facts, bytes), [], platform)
  }
})

for (const [fault, wrong, platform = 'linux-x64-gnu', content = bytes] of [
  ['it is pe for x64', { ...good, format: 'pe' }],
  ['it is elf for arm64', { ...good, architecture: 'arm64' }],
  ['it needs libgcc_s.so.1', { ...good, libraries: ['libc.so.6', 'libgcc_s.so.1'] }],
  ['it needs libc.so.6', { ...good, libraries: ['libc.so.6'], versions: [] }, 'linux-x64-musl'],
  ['it needs libgcc_s_seh-1.dll', { ...windows, libraries: ['libgcc_s_seh-1.dll'] }, 'win32-x64-msvc'],
  ['it needs /opt/libz.dylib', { ...apple, libraries: ['/opt/libz.dylib'] }, 'darwin-x64'],
  ['it needs GLIBC_2.18', { ...good, versions: ['GLIBC_2.18'] }],
  ['it needs GLIBC_2.34', { ...good, versions: ['GLIBC_2.17', 'GLIBC_2.34'] }],
  ['it needs GCC_3.0', { ...good, versions: ['GCC_3.0'] }],
  ['it needs macOS_15.0', { ...apple, versions: ['macOS_15.0'] }, 'darwin-x64'],
  ['it does not export napi_register_module_v1', { ...good, exports: [] }],
  ['it exports others: abort', { ...good, exports: [...good.exports, 'abort'] }],
  ['it calls uv_kill of libuv', { ...good, imports: ['uv_kill'] }],
  ['it is not stripped', { ...good, symbols: 3 }],
  ['it has 700001 bytes, more than 700000', good, 'linux-x64-gnu', Buffer.alloc(700_001)],
  ['it has 800001 bytes, more than 800000', windows, 'win32-x64-msvc', Buffer.alloc(800_001)],
  ['it holds paths of this machine', good, 'linux-x64-gnu', Buffer.from(`… ${root}/src/lib.rs …`)],
  ['it has the hooks of the tests', good, 'linux-x64-gnu', Buffer.from('… panicNow …')],
] as [string, Facts, string?, Buffer?][]) {
  test(`a binary with one fault has just that fault reported: ${fault}`, (t) => {
    t.deepEqual(faultsOf(platform, wrong, content), [fault])
  })
}

const guard: Facts = { ...good, libraries: [], versions: [], exports: [], imports: [] }
const guardBytes = Buffer.alloc(150_000)

test('a correct guard has no faults', (t) => {
  t.deepEqual(guardFaultsOf('linux-x64-musl', guard, guardBytes), [])
  t.deepEqual(guardFaultsOf('linux-arm64-gnu', { ...guard, architecture: 'arm64' }, guardBytes), [])
  const onWindows = { ...guard, format: 'pe', libraries: ['kernel32.dll', 'api-ms-win-crt-heap-l1-1-0.dll'] }
  t.deepEqual(guardFaultsOf('win32-x64-msvc', onWindows, guardBytes), [])
  const other = { ...onWindows, libraries: ['user32.dll'] }
  t.deepEqual(guardFaultsOf('win32-x64-msvc', other, guardBytes), ['it needs user32.dll'])
})

for (const [fault, wrong, content = guardBytes] of [
  ['it is mach-o for x64', { ...guard, format: 'mach-o' }],
  ['it is elf for arm64', { ...guard, architecture: 'arm64' }],
  ['it needs the interpreter /lib/ld-musl-x86_64.so.1', { ...guard, interpreter: '/lib/ld-musl-x86_64.so.1' }],
  ['it needs libc.so', { ...guard, libraries: ['libc.so'] }],
  ['it is not stripped', { ...guard, symbols: 3 }],
  ['it has 150001 bytes, more than 150000', guard, Buffer.alloc(150_001)],
  ['it holds paths of this machine', guard, Buffer.from(`… ${root}/crates … `)],
] as [string, Facts, Buffer?][]) {
  test(`a guard with one fault has just that fault reported: ${fault}`, (t) => {
    t.deepEqual(guardFaultsOf('linux-x64-gnu', wrong, content), [fault])
  })
}
