// Filled by the module.
enum RunnerPlaceholder {}
