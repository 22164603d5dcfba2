/** What `build.ts` made of `stub.c`; see there. */
export const built = {
  x64: {
    compiler: 'gcc (Debian 12.2.0-14+deb12u1) 12.2.0',
    at: {
      fakeClockGettime: 0x8,
      fakeGettimeofday: 0x10,
      fakeTime: 0x57,
      realClockGettime: 0x1c0,
      saved: 0x1e0,
      configuration: 0x210,
    },
    code: [
      'TEFCUllTMQBIY//pbgAAAFNIiftIg+wQSIX2dAm4YAAAADH/DwVIhdt0JEiJ5jH/6EkAAABIiwQkuegDAABIiQNIi0QkCEiZ',
      'SPf5SIlDCEiDxBAxwFvDU0iJ+78FAAAASIPsEEiJ5ugSAAAASIXbSIsEJHQDSIkDSIPEEFvDQVRIiflVU0iJ80iD7BBIg/8L',
      'dzC40gIAALohCQAA0+jT6oPgAYDiAXQWSI0tYQEAAIXASI2FqAAAAEgPRejrHoXAdRNIg8QQSIneSInPW11BXOnrAAAASI0t',
      '3AEAAESLZQBIid5Iic9IiUwkCOjQAAAAQYnAhcAPha8AAABEieBMaQsAypo7TANLCIPgA0iLTCQIicJIa9IoSAHqSItSCEk5',
      '0X0c/8iD4AOJwkhr0ihIAepIi1IISTnRfQX/yIPgA4nGTYnKSGv2KEgB7kiLRghMi14gSIt+EEkpwkiLRhhMAc9J9+pID6zQ',
      'IEgBx02F23QTTInQSJlJ9/uoAXQHSItGKEgBx4tFAEQ54A+FTP///zHASIX/uQDKmjtID0nHSJlI9/lIiQNIiVMISIPEEESJ',
      'wFtdQVzDZi4PH4QAAAAAALjkAAAADwXDzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM',
    ],
  },
  arm64: {
    compiler: 'gcc (Debian 12.2.0-14) 12.2.0',
    at: {
      fakeClockGettime: 0x8,
      fakeGettimeofday: 0x10,
      fakeTime: 0x68,
      realClockGettime: 0x210,
      saved: 0x220,
      configuration: 0x250,
    },
    code: [
      'TEFCUllTMQAAfECTJAAAFP17van9AwCR8wsA+fMDAKqBAAC0KBWA0gAAgNIBAADUUwEAtOGDAJEAAIDSGAAAlOATQPlgAgD5',
      '4BdA+QF9gNIADMGaYAYA+fMLQPkAAIBS/XvDqMADX9b9e72p/QMAkeGDAJHzCwD58wMAqqAAgNIHAACU4BNA+VMAALRgAgD5',
      '8wtA+f17w6jAA1/W/Xu7qf0DAJHzUwGp9AMBqvVbAqn1AwCq92MDqfkjAPkfLADxKAkAVEBagFIhJIFSACTVGgAAABIhJNUa',
      'QQgANh8AAHGTCwAQoBAAEHMCgJoYQJnSFgWA0vkDFipYc6fyd/7fiOEDFKrgAxWqQgAAlOAFADWFBkCp4gYAEqUEGJvhBkCS',
      'IUwWmyEEQPm/AAHrSgEAVEEEAFEiBAASIQRAkiFMFpshBED5vwAB62oAAFRCBABRQgQAEkNMuZtCTBabYQRA+UYQQPmhAAHL',
      'YwhA+UQMQPljAAWLJ3wEmyR8RJuEgMeTYwAEi6YAALQhDMaaYQAANkEUQPljAAGLvzkD1WECQLk/ABdrwfr/VH8AAPECQJnS',
      'Y6CfmkJzp/JhCMKagQIA+SGMApuBBgD581NBqfVbQqn3Y0Op+SNA+f17xajAA1/WIAEANfdjQ6nhAxSq81NBqeADFar1W0Kp',
      '+SNA+f17xagEAAAUswcAELn//xcAAAAAKA6A0gEAANTAA1/WAAAg1A==',
    ],
  },
} as const;
