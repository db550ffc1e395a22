/** Has LLVM inline what is hardly longer than a call, where it optimizes for size, too: 4 KB less. */
export const INLINE_SHORT = '-Cllvm-args=-inline-threshold=25'
