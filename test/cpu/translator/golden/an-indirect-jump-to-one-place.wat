;; jalr zero, 0(a0)
;; wfi
;; addi a1, a1, 1
;; wfi
(module
  (type (;0;) (func (param i32 i32) (result i32)))
  (import "env" "memory" (memory (;0;) 1))
  (import "env" "shared" (table (;0;) 0 funcref))
  (func (;0;) (type 0) (param i32 i32) (result i32)
    (local i64 i64 i32 i64 i32 i64 i32 i32 i32 i32 i64 i64 i32 i32 i32)
    (if  ;; label = @1
      (i32.lt_s
        (local.get 1)
        (i32.const 2))
      (then
        (return
          (local.get 1))))
    (local.set 5
      (i64.and
        (i64.load offset=520
          (local.get 0))
        (i64.const -4096)))
    (local.set 6
      (i32.load offset=556
        (local.get 0)))
    (local.set 12
      (i64.load offset=80
        (local.get 0)))
    (local.set 13
      (i64.load offset=88
        (local.get 0)))
    (block  ;; label = @1
      (local.set 2
        (i64.and
          (local.get 12)
          (i64.const -2)))
      (if  ;; label = @2
        (i64.ne
          (local.get 2)
          (i64.add
            (local.get 5)
            (i64.const 8)))
        (then
          (local.set 4
            (i32.load offset=1048560
              (i32.const 0)))
          (i32.store offset=1310720
            (local.get 4)
            (i32.const 17891328))
          (i64.store offset=1310728
            (local.get 4)
            (local.get 2))
          (i32.store offset=1048560
            (i32.const 0)
            (i32.and
              (i32.add
                (local.get 4)
                (i32.const 16))
              (i32.const 32767)))
          (local.set 3
            (i64.const 30))
          (br 1 (;@1;))))
      (local.set 13
        (i64.add
          (local.get 13)
          (i64.const 1)))
      (local.set 3
        (i64.const 786468))
      (br 0 (;@1;))
      (unreachable))
    (i64.store offset=88
      (local.get 0)
      (local.get 13))
    (local.set 14
      (i32.wrap_i64
        (local.get 3)))
    (i64.store offset=520
      (local.get 0)
      (select
        (local.get 2)
        (i64.add
          (local.get 5)
          (i64.shr_s
            (local.get 3)
            (i64.const 16)))
        (i32.and
          (local.get 14)
          (i32.const 8))))
    (local.set 1
      (i32.sub
        (local.get 1)
        (i32.and
          (i32.shr_u
            (local.get 14)
            (i32.const 4))
          (i32.const 4095))))
    (local.set 15
      (i32.and
        (local.get 14)
        (i32.const 7)))
    (local.set 16
      (i32.add
        (local.get 0)
        (i32.shl
          (local.get 15)
          (i32.const 3))))
    (i64.store offset=3208
      (local.get 16)
      (i64.add
        (i64.load offset=3208
          (local.get 16))
        (i64.const 1)))
    (return
      (i32.or
        (local.get 1)
        (i32.shl
          (i32.lt_u
            (local.get 15)
            (i32.const 5))
          (i32.const 31)))))
  (export "region" (func 0)))
