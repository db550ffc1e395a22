// For `--require`: a program takes this machine for another one, as far as it asks Node.
Object.defineProperty(process, 'platform', { value: process.env.KILLTARGET_PLATFORM })
Object.defineProperty(process, 'arch', { value: process.env.KILLTARGET_ARCHITECTURE })
