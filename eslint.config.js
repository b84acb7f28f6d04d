import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['dist', 'native/dist', 'native/build', 'agent/page', '*.js'] },
  tseslint.configs.strictTypeChecked,
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
  {
    files: ['**/*.ts'],
    rules: {
      // Wrong for async generators and for methods that are async by contract.
      '@typescript-eslint/require-await': 'off',
      // Believes that `signal.aborted` cannot change across an await.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' }],
    },
  },
)
