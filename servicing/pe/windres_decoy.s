# What looks like a version resource of 99.99.99.99 and is data.
    .section .data
    .balign 4
    .short 92, 52, 0
    .string16 "VS_VERSION_INFO"
    .balign 4
    .long 0xFEEF04BD, 0x10000
    .long 0x630063, 0x630063, 0x630063, 0x630063
    .long 0x3F, 0, 0x40004, 2, 0, 0, 0
