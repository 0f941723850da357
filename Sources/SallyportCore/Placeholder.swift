// Filled by the module.
enum CorePlaceholder {}
