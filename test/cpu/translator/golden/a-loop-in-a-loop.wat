;; addi a1, zero, 9
;; addi a1, a1, -1
;; bne a1, zero, pc-4
;; addi a0, a0, -1
;; bne a0, zero, pc-16
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
        (i32.const 5))
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
      (loop  ;; label = @2
        (local.set 13
          (i64.const 9))
        (local.set 1
          (i32.sub
            (local.get 1)
            (i32.const 1)))
        (loop  ;; label = @3
          (local.set 13
            (i64.add
              (local.get 13)
              (i64.const -1)))
          (if  ;; label = @4
            (i64.ne
              (local.get 13)
              (i64.const 0))
            (then
              (local.set 1
                (i32.sub
                  (local.get 1)
                  (i32.const 2)))
              (br_if 1 (;@3;)
                (i32.ge_s
                  (local.get 1)
                  (i32.const 5)))
              (local.set 3
                (i64.const 262144))
              (br 3 (;@1;))))
          (local.set 12
            (i64.add
              (local.get 12)
              (i64.const -1)))
          (if  ;; label = @4
            (i64.ne
              (local.get 12)
              (i64.const 0))
            (then
              (local.set 1
                (i32.sub
                  (local.get 1)
                  (i32.const 4)))
              (br_if 2 (;@2;)
                (i32.ge_s
                  (local.get 1)
                  (i32.const 5)))
              (local.set 3
                (i64.const 0))
              (br 3 (;@1;))))
          (local.set 3
            (i64.const 1310789))
          (br 2 (;@1;))))
      (unreachable))
    (i64.store offset=80
      (local.get 0)
      (local.get 12))
    (i64.store offset=88
      (local.get 0)
      (local.get 13))
    (local.set 14
      (i32.wrap_i64
        (local.get 3)))
    (i64.store offset=520
      (local.get 0)
      (i64.add
        (local.get 5)
        (i64.shr_s
          (local.get 3)
          (i64.const 16))))
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
